"""Registers this room with Django."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """The room ``live``."""

    name = "helpdesk.live"
    label = "live"
    default_auto_field = "django.db.models.BigAutoField"
