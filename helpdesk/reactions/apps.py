"""Registers this room with Django."""

from django.apps import AppConfig


class ReactionsConfig(AppConfig):
    """The room ``reactions``."""

    name = "helpdesk.reactions"
    label = "reactions"
    default_auto_field = "django.db.models.BigAutoField"
