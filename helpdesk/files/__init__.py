"""Stored files: content-addressed, written durably before their row."""
