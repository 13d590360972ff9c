"""Doors: every write to this room's tables."""
