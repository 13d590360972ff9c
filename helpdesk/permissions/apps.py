"""Registers the room with Django."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    """The room ``permissions``."""

    name = "helpdesk.permissions"
    label = "permissions"
