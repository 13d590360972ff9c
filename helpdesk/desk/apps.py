"""Registers this room with Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room ``desk``."""

    name = "helpdesk.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
