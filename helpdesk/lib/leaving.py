"""Leaves the database to others while somebody else's server is waited for."""

from django.db import connection


def leave_database() -> None:
    """Give this thread's connection back, unless it is in a transaction; the next query takes one.

    A process has only so many of them: a few servers that hang would else hold up every page.
    SQLite has one for each thread, which holds up nobody and costs something to open.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()
