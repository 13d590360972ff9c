"""Migrations of the room ``search``."""
