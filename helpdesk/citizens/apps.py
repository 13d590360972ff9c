"""Registers this room with Django."""

from django.apps import AppConfig


class CitizensConfig(AppConfig):
    """The room ``citizens``."""

    name = "helpdesk.citizens"
    label = "citizens"
    default_auto_field = "django.db.models.BigAutoField"
