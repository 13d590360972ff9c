"""Registers the ways in with Django."""

from django.apps import AppConfig


class ChannelsInConfig(AppConfig):
    """The room ``channels_in``."""

    name = "channels_in"
    label = "channels_in"
    default_auto_field = "django.db.models.BigAutoField"
