"""The web process' entry point for a WSGI server."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from portal.starting import Application, Starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application: Application = get_wsgi_application()
if os.environ.get("PORTAL_SUPERVISED"):
    application = Starting(application, Path(os.environ["PORTAL_SUPERVISED"]))


def load_pages() -> None:
    """Loads every page and call of the API, which Django puts off until the first request."""
    _ = get_resolver().url_patterns
