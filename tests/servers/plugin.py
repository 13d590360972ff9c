"""Pytest fixtures over the private servers, and what is said about them at the end."""
