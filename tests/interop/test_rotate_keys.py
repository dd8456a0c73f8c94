"""`rotate_keys` brings everything sealed under the newest key, as often as it is run, and overwrites no change."""

import datetime as dt
import io

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from connections import services
from connections.models import Credential, HandOver
from interop import crypto, sealed
from lti.models import PlatformKey

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


def run():
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


@pytest.fixture
def issued(db, settings):
    """One of each kind, sealed with the old key: a credential with an open link, two second steps, a key of LTI."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    application = services.application_named("Acme", partner=False, actor="admin")
    choices = {"version": 11, "oauth": 1, "expires_at": LATER}
    made = services.add_credential(
        services.create_connection(application, actor="admin", choices=choices), actor="admin"
    )
    services.hand_over(made.credential, made.secret, actor="admin", now=dt.datetime.now(dt.UTC))
    PlatformKey.objects.create(kid="k", sealed=crypto.seal("private"), public={}, begins_at=LATER)
    olga = User.objects.create(username="olga")
    for kind, data in (
        (Authenticator.Type.TOTP, {"secret": crypto.seal("totp").decode()}),
        (Authenticator.Type.RECOVERY_CODES, {"seed": crypto.seal("seed").decode(), "used_mask": 5}),
        (Authenticator.Type.WEBAUTHN, {"name": "key", "credential": {}}),
    ):
        Authenticator.objects.create(user=olga, type=kind, data=data)
    return made


def test_all_of_it_comes_under_the_new_key_and_a_second_run_changes_nothing(issued, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert run().count(": 1 encrypted anew, 0 were so already") == 5
    assert run().count(": 0 encrypted anew, 1 were so already") == 5
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert crypto.unseal(Credential.objects.get().sealed) == issued.secret
    assert crypto.unseal(HandOver.objects.get().sealed) == issued.secret
    assert crypto.unseal(Authenticator.objects.get(type="totp").data["secret"].encode()) == "totp"
    codes = Authenticator.objects.get(type="recovery_codes").data
    assert crypto.unseal(codes["seed"].encode()) == "seed"
    assert codes["used_mask"] == 5
    assert crypto.unseal(PlatformKey.objects.get().sealed) == "private"


def test_every_column_that_is_sealed_stands_in_a_table():
    told = {place.model for place in sealed.places() if isinstance(place, sealed.Column)}
    named = {model._meta.label for model in apps.get_models() if any(f.name == "sealed" for f in model._meta.fields)}
    assert named
    assert named <= told


def test_what_changes_meanwhile_is_not_overwritten(issued, settings, monkeypatch):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    seal = crypto.seal

    def opened_meanwhile(text):
        HandOver.objects.update(sealed=None)
        Authenticator.objects.filter(type="totp").update(data={"secret": seal("another").decode()})
        return seal(text)

    monkeypatch.setattr(crypto, "seal", opened_meanwhile)
    run()
    assert HandOver.objects.get().sealed is None
    assert crypto.unseal(Authenticator.objects.get(type="totp").data["secret"].encode()) == "another"


def test_what_no_key_opens_stays_and_is_told(issued, settings):
    before = bytes(Credential.objects.get().sealed)
    HandOver.objects.all().delete()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(
        CommandError, match="opens 1 secrets of authenticator apps, 1 seeds of recovery codes, 1 consumer"
    ):
        run()
    assert bytes(Credential.objects.get().sealed) == before
