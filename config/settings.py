"""Glasshouse's settings: one file, from one reading of the environment (`config.installation`).

There is no debug switch. What differs between a demonstration and a bank's installation is asked of
`INSTALLATION` by name, so that a search finds every place.
"""

import json
import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from config import databases
from config.installation import BASE_DIR, Refused, read

try:
    INSTALLATION = read(os.environ)
except Refused as refused:
    raise ImproperlyConfigured(f"Glasshouse does not start with these settings:\n{refused}") from None

# --- What this installation is -----------------------------------------------------------------------------------

DEMO = INSTALLATION.demo
DEMO_DAYS = INSTALLATION.demo_days
DEBUG = False
DATA_DIR = INSTALLATION.data_dir
PUBLIC_URL = INSTALLATION.public_url
LOCAL_URL = INSTALLATION.local_url  # how this installation speaks to itself: the canary, and Town Square's bank
ALLOWED_HOSTS = list(INSTALLATION.allowed_hosts)
SECRET_KEY = INSTALLATION.secret_key
SEAL_KEY = INSTALLATION.seal_key
CARD_EVIDENCE_KEY = INSTALLATION.card_evidence_key
SOURCE_KEYS = INSTALLATION.source_keys
ANCHOR_FILE = INSTALLATION.anchor_file

BANK_NAME = INSTALLATION.bank_name
BANK_TIME_ZONE = INSTALLATION.bank_time_zone

# --- Applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "commandcenter",
    "agents",
    "mentions",
    *(["config.demo", "mentions.sandbox"] if DEMO else []),
    "config.apps.EntranceConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "csp",
    "django_q",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "agents.zones.in_readers_zone",
    "config.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

# The road of signed events and posts (`config.asgi`), which stays in the event loop: all of the above needs a thread.
MACHINE_MIDDLEWARE = ["config.headers.SameHeaders"]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "agents.context.page",
                "commandcenter.incidents.context.room",
            ],
        },
    },
]

# --- Mail: alerts to people on duty ------------------------------------------------------------------------------

EMAIL_HOST = INSTALLATION.mail.host
EMAIL_PORT = INSTALLATION.mail.port
EMAIL_HOST_USER = INSTALLATION.mail.user
EMAIL_HOST_PASSWORD = INSTALLATION.mail.password
EMAIL_USE_TLS = INSTALLATION.mail.tls
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = INSTALLATION.mail.sender
# Without a mail server a demonstration writes its mails into files; elsewhere a delivery says that there is none.
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend" if EMAIL_HOST else "filebased.EmailBackend" if DEMO else "dummy.EmailBackend"
)

# --- PostgreSQL --------------------------------------------------------------------------------------------------

# `default` is the application's restricted role; `admin` owns the schema and is for migrations and partitions.
DATABASES = {
    "default": databases.entry(INSTALLATION.database_url, databases.options(INSTALLATION.database_url)),
    "admin": databases.entry(
        INSTALLATION.admin_database_url, databases.options(INSTALLATION.admin_database_url, timeout="0")
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey: hints and caches only -------------------------------------------------------------------------------

REDIS_URL = INSTALLATION.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"serializer": "config.caching.Json", "socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # A layer blocks five seconds on an empty queue, and every socket of a crowd that joins takes a connection.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "max_connections": 2000}],
            "prefix": "layer",
        },
    }
}

# --- Coarse jobs -------------------------------------------------------------------------------------------------

Q_CLUSTER = {
    "name": "glasshouse",
    "label": _("Jobs"),
    "orm": "default",
    "workers": INSTALLATION.workers,
    "recycle": 500,
    "timeout": 600,
    "retry": 720,  # longer than the time-out, or a slow job runs twice at once
    "max_attempts": 3,
    "poll": 1,
    "bulk": 1,
    "queue_limit": 20,
    "save_limit": 2000,
    "save_limit_per": "func",
    "catch_up": False,
    "guard_cycle": 1,
}

# --- People ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(days=1).total_seconds())  # links to a first or a new password
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

# By name and address together, by address alone, and by name alone; see config.signing_in. A house shares one address.
AXES_HANDLER = "config.signing_in.Attempts"
AXES_USERNAME_CALLABLE = "config.signing_in.name_of"
FAILURES_OF_AN_ADDRESS = 60
FAILURES_OF_A_NAME = 24
FAILURES_FROM_EVERYWHERE = 240
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # a shift; the absolute end
SESSION_IDLE_SECONDS = 60 * INSTALLATION.idle_minutes
# How long a password that was given lets do what would hurt most in other hands; a demonstration asks once.
PROOF_SECONDS = SESSION_COOKIE_AGE if DEMO else int(timedelta(minutes=10).total_seconds())
SESSION_COOKIE_NAME = "glasshouse_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "glasshouse_csrf"
CSRF_COOKIE_SAMESITE = "Lax"

# --- What browsers are told --------------------------------------------------------------------------------------

PLAIN_HTTP = urlsplit(PUBLIC_URL).scheme == "http"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not INSTALLATION.loopback_demonstration
SECURE_SSL_REDIRECT = not PLAIN_HTTP
# Machines do not follow a redirect of what they post, and probes and the canary come from this machine.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^hooks/", r"^api/v1/posts$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else int(timedelta(days=365).total_seconds())
SECURE_HSTS_INCLUDE_SUBDOMAINS = not PLAIN_HTTP
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = None if PLAIN_HTTP else ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

ORIGINS = sorted(
    {PUBLIC_URL}
    | ({f"http://{host}:{INSTALLATION.port}" for host in ("127.0.0.1", "localhost")} if PLAIN_HTTP else set())
)
CSRF_TRUSTED_ORIGINS = ORIGINS
SOCKET_ORIGINS = ORIGINS

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *(origin.replace("http", "ws", 1) for origin in ORIGINS)],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Bytes -------------------------------------------------------------------------------------------------------

BODY_LIMIT = 1024 * 1024
API_BODY_LIMIT = 4 * 1024 * 1024
# Larger than any body that `config.web` lets in: a body past these would be spooled to the disk before it is scrubbed.
PICTURE_BODY_LIMIT = 2 * API_BODY_LIMIT
FILE_UPLOAD_MAX_MEMORY_SIZE = PICTURE_BODY_LIMIT
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# --- Language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- Files of our own --------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "config.storage.HashedFiles"},
}
PAPER = INSTALLATION.paper
EXPORT_ROWS_A_DAY = INSTALLATION.export_rows_a_day  # a person's rows in files, see `exporting`
PROMISES_KEPT = INSTALLATION.promises_kept  # in a hundred; walls warn below it
FILE_MAX_AGE = int(timedelta(hours=1).total_seconds())


def _release() -> str:
    manifest = STATIC_ROOT / "staticfiles.json"
    return str(json.loads(manifest.read_text())["hash"]) if manifest.exists() else ""


RELEASE: Any = lazy(_release, str)()  # changes with any static file; files are collected after the settings are read

# --- Logs --------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "filters": {"scrubbed": {"()": "config.logs.Scrubbed"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["scrubbed"]},
    },
    "root": {"handlers": ["stderr"], "level": INSTALLATION.log_level or "WARNING"},
    "loggers": {
        name: {"level": INSTALLATION.log_level or "INFO"} for name in ("config", "commandcenter", "agents", "mentions")
    },
}
