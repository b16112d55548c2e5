"""The writes of students, one module a noun."""
