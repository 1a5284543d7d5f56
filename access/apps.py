"""Registers the access room with Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """The access room."""

    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
