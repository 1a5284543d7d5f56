"""Every setting of the portal, read top to bottom.

Values come from the environment through the typed readers of `portal.environment`. With no environment at all the
portal is a demo on loopback whose databases live under its home folder; anything public needs explicit values.
Each variable has a line in docs/reference/settings.md, and a test insists.
"""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from portal import logs
from portal.environment import (
    broker,
    choice,
    database,
    flag,
    names,
    secret,
    span,
    text,
    whole,
)
from portal.home import Home

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where and how this portal runs

PORTAL_ENV = choice("PORTAL_ENV", options=("demo", "production"), default="demo")
IS_PRODUCTION = PORTAL_ENV == "production"
PORTAL_HOME = Home.at(text("PORTAL_HOME", default=str(BASE_DIR / ".portal")))
# So that `${PORTAL_HOME}` in a warehouse's address means the home in use, also where nobody set it.
os.environ["PORTAL_HOME"] = str(PORTAL_HOME.root)
PORTAL_PORT = whole("PORTAL_PORT", default=8000, least=1, most=65535)
# The address people use, for links in mail and for checking where forms come from.
PORTAL_URL = text(
    "PORTAL_URL", default=None if IS_PRODUCTION else f"http://localhost:{PORTAL_PORT}"
).rstrip("/")
DEBUG = flag("PORTAL_DEBUG", default=False)
SECRET_KEY = secret("SECRET_KEY", default=None if IS_PRODUCTION else PORTAL_HOME.secret_key)
# Keys of before: what they signed, checkpoints of the audit above all, is still known as the portal's own.
SECRET_KEY_FALLBACKS = names("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = names("PORTAL_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# --- Code

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    # For the widget templates that FORM_RENDERER uses.
    "django.forms",
    "django_htmx",
    "csp",
    "guardian",
    "catalog",
    "access",
    "portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.StorableText",
    "portal.middleware.SignInFirst",
    # Innermost, so that a domain error becomes a page while the session and messages still work.
    "portal.middleware.DomainErrors",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.shell.shell",
            ],
            "builtins": [
                "django.templatetags.static",
                "portal.templatetags.words",
                "portal.templatetags.drawing",
            ],
        },
    }
]

FORM_RENDERER = "portal.forms.renderer.Renderer"
CSRF_FAILURE_VIEW = "portal.views.errors.forged"

# --- Data: PostgreSQL holds all state; Redis or Valkey may be lost at any time

DATABASE_URL = secret("DATABASE_URL", default=None if IS_PRODUCTION else PORTAL_HOME.database_url)
DATABASES = {"default": database("DATABASE_URL", DATABASE_URL)}
PORTAL_DB_POOL = whole("PORTAL_DB_POOL", default=12)
if PORTAL_DB_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": PORTAL_DB_POOL,
        "timeout": 10,
    }
# A connection that died with the server is noticed when it is handed out, not by the visitor.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
REDIS_URL = secret("REDIS_URL", default=None if IS_PRODUCTION else PORTAL_HOME.redis_url)
# Per process and small on purpose: nothing that two processes must agree on may live in a cache.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- The gate

# Queries that one web process runs or keeps waiting; the other threads answer pages and the health check.
WEB_THREADS = whole("PORTAL_WEB_THREADS", default=48, least=1, most=256)
GATE_PLACES = max(1, WEB_THREADS - 4)

# --- People and sessions

AUTH_USER_MODEL = "access.Principal"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# Nobody is someone: without an anonymous principal no rule can be granted to strangers by accident.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_COOKIE_AGE = int(span("PORTAL_SESSION_AGE", default="12h").total_seconds())
# Cookies are shared between the ports of one host: the port in the name keeps two portals on one machine apart.
SESSION_COOKIE_NAME = f"gatehouse_session_{PORTAL_PORT}"
CSRF_COOKIE_NAME = f"gatehouse_csrf_{PORTAL_PORT}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- What the browser may do

IS_HTTPS = PORTAL_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_SSL_REDIRECT = flag("PORTAL_SSL_REDIRECT", default=IS_HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
if flag("PORTAL_BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Static files, served by the web process itself straight from the source folders

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 300

# --- Words and time

LANGUAGE_CODE = "en-gb"
USE_I18N = False
# Django hands its zone on to child processes, PostgreSQL among them: only UTC is the same everywhere.
TIME_ZONE = "UTC"
USE_TZ = True

# --- Mail: kept for the mailbox page only, unless a server is named

EMAIL_HOST = text("PORTAL_SMTP_HOST", default="localhost")
EMAIL_PORT = whole("PORTAL_SMTP_PORT", default=587, least=1, most=65535)
EMAIL_HOST_USER = text("PORTAL_SMTP_USER", default="")
EMAIL_HOST_PASSWORD = secret("PORTAL_SMTP_PASSWORD", default="")
EMAIL_USE_TLS = flag("PORTAL_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = text("PORTAL_MAIL_FROM", default="gatehouse@localhost")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if names("PORTAL_SMTP_HOST", default=[])
    else "django.core.mail.backends.dummy.EmailBackend"
)

# --- Webhooks: public servers over https only, unless an administrator names others

WEBHOOK_HOSTS = [name.lower() for name in names("PORTAL_WEBHOOK_HOSTS", default=[])]
WEBHOOK_HTTP = flag("PORTAL_WEBHOOK_HTTP", default=False)

# --- Background work: what each value protects against is in docs/decisions/0009-background-work.md

CELERY_BROKER_URL = broker("REDIS_URL", REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 3,
    "socket_timeout": 10,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Below the visibility timeout: a task that outlives it would be handed to a second worker while it runs.
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Kept in memory: with one tick there is nothing to remember, and no file to be found corrupt after a crash.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
PORTAL_TICK = span("PORTAL_TICK", default="5s")
# The hour of the day, in UTC, from which the nightly access review is due.
SWEEP_HOUR = whole("PORTAL_SWEEP_HOUR", default=3, most=23)
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "access.tasks.tick",
        "schedule": PORTAL_TICK,
        # Ticks that no worker took are worthless later, and must not pile up while the worker is down.
        "options": {"expires": PORTAL_TICK.total_seconds()},
    }
}

# --- Logs

LOGGING = logs.configure(
    level=choice("PORTAL_LOG_LEVEL", options=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
    as_json=choice("PORTAL_LOG_FORMAT", options=("text", "json"), default="text") == "json",
)
