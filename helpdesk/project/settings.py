"""Django's settings, all derived from the few values of :mod:`helpdesk.project.env`."""

import mimetypes
import sys
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF

from helpdesk.lib.keys import derive_key
from helpdesk.lib.languages import NAMES
from helpdesk.project.env import SettingError, Settings

# Makes Django's generic classes subscriptable at run time, as the type checker sees them.
django_stubs_ext.monkeypatch()

try:
    ENV = Settings()
except SettingError as problem:
    sys.exit(f"Anliegen does not start: {problem}")

ROOT = Path(__file__).resolve().parents[2]
DATA = ENV.data
DEBUG = ENV.debug
DEMO = ENV.demo
BASE_URL = ENV.base_url
MASTER_KEY = ENV.master_secret.encode()
SECRET_KEY = derive_key(MASTER_KEY, "django").hex()
SMTP_LISTEN = ENV.smtp_listen
TRUSTED_PROXY = ENV.trusted_proxy
REPORT_LIMITS = ENV.report_limits
KIOSK_NETWORKS = ENV.kiosk_networks
SCANNER = ENV.scanner
DENIED_KINDS = ENV.denied_kinds
PRIVATE_NETWORKS = ENV.private_networks
FAULT = ENV.fault
EMBEDDED = not ENV.redis_url

ALLOWED_HOSTS = ENV.allowed_hosts
SECURE = BASE_URL.startswith("https://")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "helpdesk.permissions",
    "helpdesk.ui",
    "helpdesk.search",
    "helpdesk.files",
    "helpdesk.events",
    "helpdesk.agents",
    "helpdesk.citizens",
    "helpdesk.forms",
    "helpdesk.textmodules",
    "helpdesk.pages",
    "helpdesk.outbox",
    "helpdesk.tickets",
    "knowledgebase",
    "helpdesk.sla",
    "helpdesk.accounts",
    "helpdesk.notifications",
    "helpdesk.live",
    "helpdesk.worklists",
    "helpdesk.reactions",
    "channels_in",
    "helpdesk.privacy",
    "helpdesk.desk",
    "helpdesk.portal",
    "helpdesk.api",
    "helpdesk.project",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "helpdesk.ui.middleware.StaticMiddleware",
    "helpdesk.ui.middleware.saving_data",
    "helpdesk.ui.middleware.PageCompression",
    "csp.middleware.CSPMiddleware",
    "helpdesk.ui.inlining.permit_inlined",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "helpdesk.project.languages.OfferedLanguages",
    "helpdesk.project.errors.refuse_large",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "helpdesk.project.nul.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "helpdesk.desk.account.middleware.staff_sessions",
]
ROOT_URLCONF = "helpdesk.project.urls"
ASGI_APPLICATION = "helpdesk.project.asgi.application"
FORM_RENDERER = "helpdesk.ui.widgets.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "helpdesk.ui.folding.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    # The default mode loses most concurrent writes to "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: NORMAL may roll back an acknowledged mail at a power loss.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
# Opening the file costs more than most pages ask of it: a thread keeps it open for so long.
SQLITE_SECONDS = 600


def database(url: str) -> dict[str, Any]:
    """Return Django's description of the database at ``url``; empty means SQLite in DATA."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "anliegen.sqlite3",
            "OPTIONS": dict(SQLITE_OPTIONS),
            "CONN_MAX_AGE": SQLITE_SECONDS,
        }
    parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    if parsed["ENGINE"] == "django.db.backends.postgresql":
        parsed["OPTIONS"] = {
            **parsed.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": ENV.database_connections},
            # What is asked often is planned once by each connection: a third less work for the
            # server. A pooler between us and it has to know prepared statements.
            "server_side_binding": True,
            "prepare_threshold": 3,
        }
    else:
        parsed["OPTIONS"] = dict(SQLITE_OPTIONS)
        parsed["CONN_MAX_AGE"] = SQLITE_SECONDS
    return parsed


DATABASES = {"default": database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = ["helpdesk.desk.account.backend.StaffBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "helpdesk.agents.passwords.PlainWordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/a/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "helpdesk.desk.account.adapters.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "helpdesk.desk.account.reset_tokens.ResetTokens"  # noqa: S105 - the path of a class
ACCOUNT_FORMS = {
    "login": "helpdesk.desk.account.forms.SignInForm",
    "reset_password": "helpdesk.desk.account.forms.ForgottenForm",
    "reset_password_from_key": "helpdesk.desk.account.forms.NewPasswordForm",
    "change_password": "helpdesk.desk.account.forms.PasswordForm",
    "reauthenticate": "helpdesk.desk.account.forms.AgainForm",
}
# Amount / time / per what; the reasons stand in helpdesk/desk/account/throttle.py.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "sign_in_account": "100/h/key",
    "sign_in_place": "10/5m/key",
    "sign_in_device": "20/h/key",
    # Codes of the second factor.
    "login_failed": "10/10m/key",
    "reset_password": "20/m/ip,5/h/key",
    # Connection tests of mailboxes: each reaches out to a host that was entered.
    "mailbox_check": "30/h/user",
    # "Did this help?" needs no sign-in; a household says so now and then, a script all the time.
    "answer_feedback": "30/h/ip",
}
TRUSTED_PROXY = ENV.trusted_proxy
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENV.trusted_proxy else 0
MFA_ADAPTER = "helpdesk.desk.account.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "helpdesk.desk.account.forms.CodeForm",
    "reauthenticate": "helpdesk.desk.account.forms.CodeAgainForm",
    "activate_totp": "helpdesk.desk.account.forms.AddCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A code counts in its own half minute alone (ASVS 6.5.5). More would let a used one in again: that
# it was used is remembered for half a minute, however long it would count.
MFA_TOTP_TOLERANCE = 0
# Addresses of staff are set by administrators; there is nothing to verify.
MFA_ALLOW_UNVERIFIED_EMAIL = True

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_HSTS_SECONDS = 366 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "helpdesk.project.errors.csrf_failure"
# auth.W004: the address is unique by a constraint on its lower-case form.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
if ENV.trusted_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        # Videos in sign language and their captions: files of ours, never of another site.
        "media-src": [SELF],
        # Mails as their senders laid them out, each a locked document of ours.
        "frame-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "helpdesk.api.problems.respond",
    "DEFAULT_SCHEMA_CLASS": "helpdesk.api.schema.ScopedSchema",
}
# Requests a minute and token; docs/admin/interface.md tells what they are for.
API_RATES = {"read": 1200, "write": 300}
SPECTACULAR_SETTINGS = {
    "TITLE": "Anliegen",
    "DESCRIPTION": "Open, read, answer and follow what citizens ask of a town hall.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/api/v1"}],
    "COMPONENT_SPLIT_REQUEST": False,
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "helpdesk.api.schema.tighten",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Status": "helpdesk.tickets.enums.Status.choices",
        "Outcome": "helpdesk.tickets.enums.Outcome.choices",
        "Channel": "helpdesk.tickets.enums.Channel.choices",
        "ArticleKind": "helpdesk.tickets.enums.ArticleKind.choices",
        "ContactKind": "helpdesk.citizens.models.ContactKind.choices",
    },
}

LANGUAGE_CODE = "de"
LANGUAGES = list(NAMES.items())
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["helpdesk.ui.formats"]
TIME_ZONE = ENV.time_zone
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
# Only our own files are served; what packages bring along is not asked for by any page.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATICFILES_DIRS = [ROOT / "helpdesk" / "ui" / "static"]
# Browsers take rules of what may be fetched ahead under this type alone.
RULES_TYPE = "application/speculationrules+json"
WHITENOISE_MIMETYPES = {".rules": RULES_TYPE}
mimetypes.add_type(RULES_TYPE, ".rules")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "helpdesk.ui.storage.AssetStorage"},
}
FILES_ROOT = DATA / "files"
# A cache that is built again whenever it is missing: no backup holds it.
SEARCH_ROOT = DATA / "search"
# Views of answers are counted in memory and written so many seconds after the first; 0: never.
KNOWLEDGE_COUNT_SECONDS = 30
# So many pages that are the same for everybody are remembered, each of some 30 kB; 0: none.
KEPT_PAGES = 200

CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": ENV.redis_url,
            "OPTIONS": {"serializer": "helpdesk.lib.jsoncache.JsonSerializer"},
        }
        if ENV.redis_url
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Beyond so many it forgets: a flood must not wash out what limits have counted.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    )
}
CHANNEL_LAYERS = {
    "default": (
        {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            # The layer waits five seconds for a message, which is also redis-py's own limit for
            # a reply: without a longer one every quiet socket would end by a race.
            "CONFIG": {"hosts": [{"address": ENV.redis_url, "socket_timeout": 20}]},
        }
        if ENV.redis_url
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}
CELERY_BROKER_URL = ENV.redis_url or "memory://localhost"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The rows are the queue; a wake that can't be sent within a second is left to the sweep.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_timeout": 1, "socket_connect_timeout": 1} if ENV.redis_url else {}
)

# Libraries that write down what they are given: statements with their values, heads of requests
# with their cookies. They say no more than this, however loud the rest is.
DISCREET = "INFO" if ENV.log_level == "DEBUG" else ENV.log_level
DEFAULT_EXCEPTION_REPORTER_FILTER = "helpdesk.project.logs.ReportFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "helpdesk.project.logs.Formatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    # A line for every wake, several a second, would hide what matters.
    "loggers": {
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # Named here, it loses its own way to the console, which knows nothing of secrets.
        "django": {"level": DISCREET},
        "uvicorn": {"level": DISCREET},
        "websockets": {"level": DISCREET},
        # It names each passkey that is used.
        "fido2": {"level": "WARNING"},
        # It writes the addresses of citizens.
        "mail.log": {"level": "WARNING"},
    },
}
