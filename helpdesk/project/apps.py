"""Registers the project's system checks and commands with Django."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The top floor: knows every room, known by none."""

    name = "helpdesk.project"
    label = "project"

    def ready(self) -> None:
        """Make our Celery app the current one in every process, so that a wake finds its broker."""
        from helpdesk.project import celery  # noqa: F401, PLC0415 - apps must be loaded first
        from helpdesk.project.seams import join  # noqa: PLC0415 - the same

        join()
