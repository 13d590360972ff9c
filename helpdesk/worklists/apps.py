"""Registers this room with Django."""

from django.apps import AppConfig


class WorklistsConfig(AppConfig):
    """The room ``worklists``."""

    name = "helpdesk.worklists"
    label = "worklists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who may share a view."""
        # lazy: models can't be imported before the apps are loaded
        from helpdesk.worklists.rules import register_rules  # noqa: PLC0415 - see above

        register_rules()
