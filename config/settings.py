"""All settings, read from the environment (or `.env`). A missing or wrong value stops the start and says which."""

import datetime
import sqlite3
import sys
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from django_countries.data import COUNTRIES

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()
env.smart_cast = False
environ.Env.read_env(ROOT / ".env")


def required(name: str) -> str:
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env (see .env.example).")
    return str(value)


def boolean(name: str, *, default: bool) -> bool:
    """Only true or false: a typing error must not silently turn a protection off."""
    text = env.str(name, default=str(default)).strip().lower()
    if text not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")
    return bool(text == "true")


def number(name: str, *, default: int, least: int = 0) -> int:
    text = env.str(name, default=str(default)).strip()
    if not text.isdigit() or int(text) < least:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} up, not {text!r}.")
    return int(text)


def words(name: str) -> list[str]:
    return [word.strip() for word in env.str(name, default="").split(",") if word.strip()]


def one_of(name: str, *, default: str, choices: tuple[str, ...]) -> str:
    text = env.str(name, default=default).strip()
    if text not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return str(text)


def country(name: str, *, default: str) -> str:
    text = env.str(name, default=default).strip()
    if text not in COUNTRIES:
        raise ImproperlyConfigured(f"{name} must be a country code of ISO 3166 such as CN or JP, not {text!r}.")
    return str(text)


# Safety
SECRET_KEY = required("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "SECRET_KEY must have at least 50 characters. `make demo` writes a random one into .env."
    )
DEBUG = boolean("DEBUG", default=False)
SECURE = boolean("SECURE", default=True)
ALLOWED_HOSTS = words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Name the hosts that this server answers for.")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
if bad := [origin for origin in CSRF_TRUSTED_ORIGINS if "://" not in origin]:
    raise ImproperlyConfigured(f"CSRF_TRUSTED_ORIGINS must start with https://, not {bad[0]!r}.")
TRUSTED_PROXIES = number("TRUSTED_PROXIES", default=0)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Applications, from the top of the import arrow down
DEMO = boolean("DEMO", default=False)
INSTALLED_APPS = [
    *(["demo"] if DEMO else []),
    "projects",
    "events",
    "crm",
    "core",
    "core.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_countries",
    "auditlog",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    # First, so that nothing leaves without them: static files, and what later ones refuse.
    "csp.middleware.CSPMiddleware",
    "core.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "core.middleware.TokenInAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.RequestContextMiddleware",
    "core.middleware.UserPreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

# Data
DATA_DIR = Path(env.str("DATA_DIR", default=str(ROOT / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def database() -> dict[str, Any]:
    """The connection with the profile of its kind (design 3.4)."""
    url = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'liaison.sqlite3'}")
    try:
        settings: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    options: dict[str, Any] = settings.setdefault("OPTIONS", {})
    if settings.get("ENGINE") == "django.db.backends.sqlite3":
        # Write transactions take the lock at once and wait for it, instead of failing half-way. The write-ahead log
        # is used only where the SQLite library is free of the reset bug (fixed in 3.51.3).
        journal = "WAL" if sqlite_is_wal_safe() else "DELETE"
        options["transaction_mode"] = "IMMEDIATE"
        options["timeout"] = 20
        # A new connection reads the whole schema again, which takes longer than most pages do.
        settings["CONN_MAX_AGE"] = 600
        options["init_command"] = f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;"
    elif settings.get("ENGINE") == "django.db.backends.postgresql":
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 20}
        options["options"] = (
            "-c statement_timeout=60000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000"
        )
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
    return settings


def sqlite_is_wal_safe() -> bool:
    return sqlite3.sqlite_version_info >= (3, 51, 3)


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES = {
    "default": {
        "BACKEND": "core.files.PrivateStorage",
        "OPTIONS": {"location": DATA_DIR / "uploads", "base_url": "/files/", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Imports: files up to this size, up to this many rows, kept for so long after the upload.
IMPORT_MAX_MB = number("IMPORT_MAX_MB", default=20, least=1)
IMPORT_MAX_ROWS = number("IMPORT_MAX_ROWS", default=50_000, least=1)
IMPORT_KEEP_DAYS = number("IMPORT_KEEP_DAYS", default=30, least=1)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# People
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "core.rights.RightsBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
# Throttled logins: core.throttle says how many failures of whom are too many.
AXES_HANDLER = "core.throttle.Handler"
AXES_FAILURE_LIMIT = 1
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "core.addresses.party"
AXES_USERNAME_CALLABLE = "core.throttle.counted_name"
AXES_LOCKOUT_CALLABLE = "core.throttle.locked_response"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # core.signins has it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese")), ("ja", _("Japanese"))]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["core.formats"]
USE_I18N = USE_TZ = USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "UTC"
HOME_COUNTRY = country("HOME_COUNTRY", default="CN")
COUNTRIES_FIRST = ["CN", "JP", "HK", "TW", "KR", "US", "DE", "SG"]

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.BearerAuthentication",
        "core.api.authentication.StaffSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.RegistryPermission"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.OrjsonParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.RecordAutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
}
# How long the answer to a POST with an Idempotency-Key is kept for those who repeat it.
IDEMPOTENCY_HOURS = number("IDEMPOTENCY_HOURS", default=24, least=1)
SPECTACULAR_SETTINGS = {
    "TITLE": "Liaison",
    "DESCRIPTION": "Organizations, leads, events, projects and contracts of an investment promotion agency.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "POSTPROCESSING_HOOKS": [],  # enums stay at their fields; the long ones are components of core.api.schema_types
    # Without an address for the validator, nothing is sent to another host.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True, "validatorUrl": None},
}

# Audit: the entries are written by core.audit
AUDITLOG_STORE_JSON_CHANGES = False

LOG_LEVEL = one_of("LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "core.logs.Formatter", "format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {
        # At the handler too: the worker sets the level of its own loggers by itself.
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line", "level": LOG_LEVEL}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
