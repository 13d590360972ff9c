"""Registers this room with Django."""

from django.apps import AppConfig


class TextModulesConfig(AppConfig):
    """The room ``textmodules``."""

    name = "helpdesk.textmodules"
    label = "textmodules"
    default_auto_field = "django.db.models.BigAutoField"
