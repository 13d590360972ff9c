"""Measurements of Anliegen: processor time, queries, rows and memory (``make bench``)."""
