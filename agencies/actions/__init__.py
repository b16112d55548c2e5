"""The writes of agencies, one module a noun."""
