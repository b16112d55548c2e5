"""Doors to the disk: files looked into, and kept encrypted under their hash."""
