"""The reads of agencies, one module a noun."""
