"""The pages of students, one module a noun."""
