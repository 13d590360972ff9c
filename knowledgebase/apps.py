"""Registers this room with Django."""

from django.apps import AppConfig


class KnowledgebaseConfig(AppConfig):
    """The room ``knowledgebase``."""

    name = "knowledgebase"
    label = "knowledgebase"
    default_auto_field = "django.db.models.BigAutoField"
