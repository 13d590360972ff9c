"""Registers the project's system checks and commands with Django."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The top floor: knows every room, known by none."""

    name = "helpdesk.project"
    label = "project"
