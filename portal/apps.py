"""Registers the portal room with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The portal room."""

    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Loads the Celery application, so that tasks are sent to its broker from the web process too."""
        from portal import celery  # noqa: F401
