"""The doctor finds each thing that was made wrong, says what to do, and calls a healthy installation healthy."""

import datetime as dt
import io

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from interop import crypto, vitals
from interop.backups.commands import note
from interop.doctor import configuration, people, servers
from interop.doctor.finding import Grade
from interop.jobs.planning import HEARTBEAT


@pytest.fixture
def production(settings, tmp_path, monkeypatch):
    """An installation with nothing to complain about."""
    settings.PRODUCTION, settings.DEBUG, settings.DATA_DIR = True, False, tmp_path
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://portal.example.org", ["portal.example.org"]
    settings.DATABASE_DISK, settings.BACKUP_KEY, settings.MAIL = tmp_path, "k" * 32, False
    settings.STATIC_ROOT = tmp_path / "static"
    (settings.STATIC_ROOT / "interop").mkdir(parents=True)
    monkeypatch.setenv("DISTRICT_TIME_ZONE", "America/Denver")
    return settings


def found(check) -> list[tuple[Grade, str]]:
    return [(finding.grade, finding.what) for finding in check() if finding.grade != Grade.FINE]


def broken(check) -> str:
    """Return the one thing that is broken, after making sure that it comes with a remedy."""
    [finding] = [each for each in check() if each.grade == Grade.BROKEN]
    assert finding.remedy
    return finding.what


@pytest.fixture
def safe(db, monkeypatch) -> None:
    """What a power cut would do to the suite's server, which leaves the disk to the kernel, does not matter."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        monkeypatch.setitem(servers.SAFE, "fsync", cursor.fetchone()[0])


@pytest.mark.usefixtures("safe")
def test_an_installation_without_faults_has_none(production):
    cache.set(HEARTBEAT, timezone.now().isoformat(), 60)
    note(vitals.BACKED_UP, "a file", {}, actor="backup")
    for check in (
        configuration.debugging, configuration.address, configuration.time_zone, configuration.key_files,
        configuration.static_files, servers.database, servers.clocks, servers.worker, servers.backups, people.keys,
    ):  # fmt: skip
        assert found(check) == []


def test_each_wrong_setting_is_found(production, tmp_path, monkeypatch):
    production.DEBUG = True
    assert "DEBUG" in broken(configuration.debugging)
    production.ALLOWED_HOSTS = ["*"]
    assert "every name" in broken(configuration.address)
    production.ALLOWED_HOSTS = ["other.example.org"]
    assert "does not name portal.example.org" in broken(configuration.address)
    production.PUBLIC_URL = "http://127.0.0.1"
    assert any("only this machine" in what for _, what in found(configuration.address))
    monkeypatch.delenv("DISTRICT_TIME_ZONE")
    assert found(configuration.time_zone)
    secret = tmp_path / "secret"
    secret.touch(mode=0o604)
    monkeypatch.setenv("SECRET_KEY_FILE", str(secret))
    assert str(secret) in broken(configuration.key_files)
    production.STATIC_ROOT = tmp_path / "nothing"
    assert "static" in broken(configuration.static_files)
    monkeypatch.setattr(configuration, "FULL", 2**70)
    assert all(grade == Grade.BROKEN for grade, _ in found(configuration.disks))
    production.MAIL, production.EMAIL_HOST, production.EMAIL_PORT = True, "127.0.0.1", 1
    production.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "does not let us in" in broken(configuration.mail)


@pytest.mark.usefixtures("safe")
def test_each_fault_of_the_servers_is_found(production, monkeypatch):
    cache.delete(HEARTBEAT)
    assert "does not run" in broken(servers.worker)
    assert found(servers.backups) == [(Grade.DOUBTFUL, "There has been no backup.")]
    monkeypatch.setattr(servers, "OLDEST", 99)
    assert "PostgreSQL is" in broken(servers.database)
    monkeypatch.setattr(servers, "OLDEST", 15)
    with monkeypatch.context() as wishing:
        wishing.setitem(servers.SAFE, "full_page_writes", "off")
        assert "full_page_writes" in broken(servers.database)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'roster' AND name LIKE '0002%'")
    assert "roster.0002" in broken(servers.database)
    [(grade, words)] = found(servers.rights)
    assert (grade, "superuser" in words) == (Grade.BROKEN, True)
    now = timezone.now
    monkeypatch.setattr(servers.timezone, "now", lambda: now() + dt.timedelta(minutes=1))
    assert "differ by" in broken(servers.clocks)
    monkeypatch.undo()
    with monkeypatch.context() as patch:
        patch.setattr(servers.connection, "cursor", lambda: (_ for _ in ()).throw(OperationalError("gone")))
        assert "does not answer" in broken(servers.database)


def test_keys_that_open_nothing_and_officers_without_a_second_step_are_found(db, production, monkeypatch):
    User.objects.create_superuser("officer", "", "x" * 20)
    told = [what for _, what in found(people.officers)]
    assert told == [
        "1 security officers can sign in; what needs a second person cannot be done.",
        "1 people of the data office have no second step yet.",
    ]

    class Place:
        def values(self):
            yield 1, sealed

    monkeypatch.setattr(people.sealed, "places", lambda: [Place()])
    sealed = crypto.seal("x")
    assert found(people.keys) == []
    production.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *production.FIELD_ENCRYPTION_KEYS]
    assert found(people.keys) == [(Grade.DOUBTFUL, "1 stored secrets need an older key.")]
    production.FIELD_ENCRYPTION_KEYS = production.FIELD_ENCRYPTION_KEYS[:1]
    assert "opened by no key" in broken(people.keys)


def test_the_command_tells_everything_and_fails_when_something_is_broken(db, production):
    cache.delete(HEARTBEAT)
    told = io.StringIO()
    with pytest.raises(CommandError, match="broken"):
        call_command("doctor", stdout=told)
    assert "✗ The worker or the scheduler does not run.\n    Start interop-worker" in told.getvalue()
    assert "✓ All migrations are applied." in told.getvalue()
