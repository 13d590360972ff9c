"""Registers this room with Django."""

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """The room ``sla``."""

    name = "helpdesk.sla"
    label = "sla"
    default_auto_field = "django.db.models.BigAutoField"
