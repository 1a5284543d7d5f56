"""The web process' entry point for a WSGI server."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

from portal.starting import Application, Starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application: Application = get_wsgi_application()
if os.environ.get("PORTAL_SUPERVISED"):
    application = Starting(application, Path(os.environ["PORTAL_SUPERVISED"]))
