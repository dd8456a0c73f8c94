"""How people sign in: django-allauth's switches, single sign-on, how long a session lasts, what browsers may load."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from interop.settings import checks
from interop.settings.env import env_str

AUTHENTICATION_BACKENDS = ["interop.signin.backends.RoleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "door"
LOGOUT_REDIRECT_URL = "account_login"
CSRF_FAILURE_VIEW = "interop.admin.errors.csrf_failed"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "interop.signin.passwords.NotCommon"},
    {"NAME": "interop.signin.passwords.NotBreached"},
]
BREACHED_PASSWORDS = checks.breached_list(env_str("BREACHED_PASSWORDS", ""))
"""The operator's list of passwords known from breaches: a file of sorted SHA-1 hashes. Blank: none but our own list."""

SESSION_COOKIE_NAME = "interop_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
"""A session ends after this many seconds, whatever happens in it ..."""
SESSION_IDLE = 3600
"""... and after this many without a request."""

ACCOUNT_ADAPTER = "interop.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# `key` is an account as seen from one address: nobody's failures elsewhere lock its owner out
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "login": "60/m/ip"}
MFA_ADAPTER = "interop.signin.adapters.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Interop"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1

SOCIALACCOUNT_ADAPTER = "interop.signin.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# a link, not a form: browsers hold `form-action` against every redirect of a form, and the provider may be anywhere
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
OIDC_MATCH = env_str("OIDC_MATCH", "username")
"""What of a person at the identity provider is compared with our accounts: their username or their verified e-mail."""
if OIDC_MATCH not in {"username", "email"}:
    raise ImproperlyConfigured(f"OIDC_MATCH is {OIDC_MATCH!r}; give username or email.")


def single_sign_on() -> dict[str, Any]:
    """Return the identity provider as allauth reads it; nothing when none is named.

    Its host is its id, so that people known there are never taken for people of another provider.
    """
    server = env_str("OIDC_SERVER_URL", "")
    if not server:
        return {}
    host = urlsplit(server).hostname
    if not server.startswith("https://") or not host:
        raise ImproperlyConfigured(f"OIDC_SERVER_URL is {server!r}; give the https address of the identity provider.")
    provider = {
        "provider_id": host,
        "name": env_str("OIDC_NAME", "district"),
        "client_id": env_str("OIDC_CLIENT_ID"),
        "secret": env_str("OIDC_CLIENT_SECRET"),
        "settings": {"server_url": server, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [provider]}}


SOCIALACCOUNT_PROVIDERS = single_sign_on()

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
