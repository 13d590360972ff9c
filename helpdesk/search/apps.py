"""Registers this room with Django."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The room ``search``."""

    name = "helpdesk.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
