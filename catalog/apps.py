"""Registers the catalog room with Django."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The catalog room."""

    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
