"""Reusable pieces of text with safe placeholders."""
