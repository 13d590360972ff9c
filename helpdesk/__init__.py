"""Anliegen: the house in which citizens' requests become tickets and get answers."""
