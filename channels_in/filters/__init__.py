"""Filters: what is decided about a mail between its parsing and its filing."""
