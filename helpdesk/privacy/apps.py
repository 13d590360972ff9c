"""Registers this room with Django."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The room ``privacy``."""

    name = "helpdesk.privacy"
    label = "privacy"
    default_auto_field = "django.db.models.BigAutoField"
