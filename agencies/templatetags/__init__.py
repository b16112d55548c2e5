"""Template filters of agencies."""
