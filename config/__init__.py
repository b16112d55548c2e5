"""The composition root: settings, addresses, jobs, commands."""
