"""Registers this room with Django."""

from django.apps import AppConfig


class FormsConfig(AppConfig):
    """The room ``forms``."""

    name = "helpdesk.forms"
    label = "forms"
    default_auto_field = "django.db.models.BigAutoField"
