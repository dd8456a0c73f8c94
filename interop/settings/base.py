"""The settings themselves. Production means DATABASE_URL is given; then nothing has a silent default."""

from pathlib import Path
from secrets import token_urlsafe

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from interop.embedded.places import Places
from interop.settings import checks, watching
from interop.settings.databases import all_databases, backup_key, database_disk
from interop.settings.env import env_bool, env_folder, env_list, env_str, env_zone, kept_secret
from interop.settings.mail import *  # noqa: F403
from interop.settings.signin import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env_str("DATA_DIR", str(BASE_DIR / "var"))).expanduser().resolve()
PRODUCTION = bool(env_str("DATABASE_URL", ""))
DEBUG = env_bool("DEBUG", default=False)
LAPTOP_URL = "http://127.0.0.1:8000"
ADDRESS_FILE = DATA_DIR / "public_url"
"""Where the portal with embedded servers notes the address it was started at, for the commands beside it."""
PUBLIC_URL_GIVEN = bool(env_str("PUBLIC_URL", ""))


def embedded_places() -> Places | None:
    """Return where the embedded servers live; none in production."""
    if PRODUCTION:
        return None
    try:
        return Places.of(DATA_DIR)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR cannot be used: {error.filename}: {error.strerror}.") from error


def broker_url(url: str) -> str:
    """Return the address as Celery writes it: a socket is redis+socket://."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


EMBEDDED = embedded_places()
if EMBEDDED:
    SECRET_KEY = kept_secret("SECRET_KEY", DATA_DIR / "keys" / "secret_key", lambda: token_urlsafe(48))
    encryption_keys = kept_secret(
        "FIELD_ENCRYPTION_KEYS", DATA_DIR / "keys" / "field_encryption_keys", lambda: Fernet.generate_key().decode()
    )
    DATABASES = all_databases(EMBEDDED.database_url)
    REDIS_URL = checks.redis_url(env_str("REDIS_URL", EMBEDDED.redis_url))
    noted_address = ADDRESS_FILE.read_text(encoding="utf-8").strip() if ADDRESS_FILE.exists() else LAPTOP_URL
    PUBLIC_URL = checks.public_url(env_str("PUBLIC_URL", noted_address))
else:
    SECRET_KEY = checks.secret_key(env_str("SECRET_KEY"))
    encryption_keys = env_str("FIELD_ENCRYPTION_KEYS")
    DATABASES = all_databases(env_str("DATABASE_URL"))
    REDIS_URL = checks.redis_url(env_str("REDIS_URL"))
    PUBLIC_URL = checks.public_url(env_str("PUBLIC_URL"))
FIELD_ENCRYPTION_KEYS = checks.encryption_keys(encryption_keys)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", checks.hosts_for(PUBLIC_URL))
DISTRICT_TIME_ZONE = env_zone("DISTRICT_TIME_ZONE", "America/Chicago")
HTTPS = PUBLIC_URL.startswith("https:")
IMPORT_FOLDER = env_folder("IMPORT_FOLDER")
BODY_MIRROR = env_folder("BODY_MIRROR", str(DATA_DIR / "mirror"))
"""Where a web server keeps copies of what is published (roster/reading/mirror.py); blank: nowhere."""
LTI_ALLOW_PRIVATE_TOOLS = env_bool("LTI_ALLOW_PRIVATE_TOOLS", default=False)
"""Learning tools under development may be at http addresses of this machine and of private networks."""
FILE_UPLOAD_HANDLERS = ["roster.feeding.uploads.Private"]

INSTALLED_APPS = [
    "interop.admin.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "rest_framework",
    "oauth2_provider",
    "interop",
    "connections",
    "roster",
    "gradebook",
    "assessments",
    "lti",
]
MIDDLEWARE = [
    "interop.oneroster.middleware.RequestIdMiddleware",
    "interop.watching.WatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "interop.oneroster.middleware.ForProgramsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "interop.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "interop.signin.sessions.SessionLimits",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
APPEND_SLASH = False
ROOT_URLCONF = "interop.urls"
WSGI_APPLICATION = "interop.wsgi.application"
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
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
LANGUAGE_COOKIE_NAME = "interop_language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # the cache is a convenience: a server that is gone must not hold anybody up
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]
WHITENOISE_USE_FINDERS = not PRODUCTION

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0  # whoever ends https tells the caller's address
SECURE_REDIRECT_EXEMPT = [r"^livez/?$", r"^readyz/?$", r"^metrics/?$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

DATABASE_DISK = database_disk(EMBEDDED.home if EMBEDDED else None)
BACKUP_KEY = backup_key()
LOG_FORMAT = watching.log_format(production=PRODUCTION)
LOGGING = watching.logging_config(LOG_FORMAT)
METRICS_TOKEN = watching.metrics_token()
METRICS_ALLOWED = watching.metrics_networks()

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"

# The OAuth 2 server (connections/oauth2.py): client credentials only, one hour, nothing stored in clear.
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "connections.oauth2.CredentialValidator",
    "SCOPES_BACKEND_CLASS": "connections.oauth2.ConnectionScopes",
    "ACCESS_TOKEN_GENERATOR": "connections.secret.new_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["client_credentials"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": [],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}
