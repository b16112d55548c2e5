"""The reads of students, one module a noun."""
