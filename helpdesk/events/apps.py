"""Registers this room with Django."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The room ``events``."""

    name = "helpdesk.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"
