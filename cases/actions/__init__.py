"""The writes of cases, one module a noun."""
