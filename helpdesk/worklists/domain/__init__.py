"""Doors of the room ``worklists``."""
