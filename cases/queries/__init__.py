"""The reads of cases, one module a noun."""
