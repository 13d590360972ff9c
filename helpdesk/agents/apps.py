"""Registers this room with Django."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The room ``agents``."""

    name = "helpdesk.agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what decides about the verbs of roles."""
        import helpdesk.agents.rules  # noqa: F401, PLC0415 - registers; models must be loaded first
