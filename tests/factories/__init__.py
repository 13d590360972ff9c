"""Rows for tests, free of surprises: the same call gives the same values."""
