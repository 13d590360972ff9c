"""Registers this room with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The room ``portal``."""

    name = "helpdesk.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
