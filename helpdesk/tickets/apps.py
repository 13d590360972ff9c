"""Registers this room with Django."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """The room ``tickets``."""

    name = "helpdesk.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"
