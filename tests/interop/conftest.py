import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.urls import reverse

from interop.admin.roles import Role

PASSWORD = "orbit lantern pickle ravine"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def fresh_cache():
    """Begin with no failures counted and no code used."""
    cache.clear()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hash passwords quickly; how slow guessing is, Django's own hash decides."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(db):
    """Makes somebody with a password, and a role when one is named."""

    def make(username="dana", role=None, **more):
        user = User.objects.create_user(username, password=PASSWORD, is_staff=bool(role), **more)
        if role:
            user.groups.set([Group.objects.get_or_create(name=role)[0]])
        return user

    return make


@pytest.fixture
def officer(person):
    return person("olga", Role.OFFICER)


@pytest.fixture
def outside(settings):
    """A portal that others can reach."""
    settings.PUBLIC_URL = "https://portal.example.org"


def with_app(user):
    """Give the person an authenticator app."""
    return TOTP.activate(user, SEED)


def code(step=0):
    """Return the code the app shows, or showed `-1` step ago."""
    counter = list(yield_hotp_counters_from_time())[1 + step]
    return format_hotp_value(hotp_value(SEED, counter))


def sign_in(client, username="dana", password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": username, "password": password}, **more)


def words(answer):
    """Return what a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
