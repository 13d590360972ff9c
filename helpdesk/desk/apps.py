"""Registers this room with Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The room ``desk``."""

    name = "helpdesk.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let recovery codes be stored as hashes."""
        # lazy: models can't be imported before all rooms are registered.
        from helpdesk.desk.account.recovery import take_the_place  # noqa: PLC0415 - see above

        take_the_place()
