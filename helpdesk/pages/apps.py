"""Registers this room with Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The room ``pages``."""

    name = "helpdesk.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"
