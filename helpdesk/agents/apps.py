"""Registers this room with Django."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The room ``agents``."""

    name = "helpdesk.agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what decides about the verbs of roles."""
        # lazy: models can't be imported before the apps are loaded
        from helpdesk.agents.rules import register_role_verbs  # noqa: PLC0415 - see above

        register_role_verbs()
