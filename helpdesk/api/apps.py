"""Registers the room with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room ``api``."""

    name = "helpdesk.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
