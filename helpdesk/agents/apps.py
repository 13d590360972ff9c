"""Registers this room with Django."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The room ``agents``."""

    name = "helpdesk.agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"
