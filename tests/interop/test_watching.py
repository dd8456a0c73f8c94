"""What the portal tells of itself: health, metrics for those who may read them, and a log that names nobody."""

import datetime as dt
import importlib
import json
import logging
import sys
from types import SimpleNamespace

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.test import RequestFactory
from django.utils import timezone
from redis.exceptions import ConnectionError as NoRedis

import interop.wsgi
from interop import health, logs, outage, space, vigil, vitals
from interop.backups.tools import Database
from interop.jobs.running import Run
from interop.messages.models import PROCESS, Message
from interop.settings import watching
from interop.settings.databases import all_databases, backup_key, database_disk
from interop.watching import part_of

TOKEN = "a token that only the watcher knows"


def test_readiness_tells_the_truth(db, client, monkeypatch):
    health._migrated.cache_clear()
    assert client.get("/readyz").json() == {"status": "ready"}
    monkeypatch.setattr(vitals.shared, "get", lambda *_: (_ for _ in ()).throw(NoRedis))
    assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (200, {"status": "degraded"})
    health._migrated.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'roster' AND name LIKE '0001%'")
    refused = client.get("/readyz")
    assert (refused.status_code, refused.json(), refused["Retry-After"]) == (503, {"status": "not ready"}, "5")
    monkeypatch.setattr(vitals, "missing_migrations", lambda: (_ for _ in ()).throw(OperationalError))
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200


def test_figures_are_for_this_machine_for_allowed_networks_and_for_the_token(db, client, settings):
    client.get("/account/sign-in/")
    told = client.get("/metrics")
    assert told.status_code == 200
    for line in ("interop_database_up 1.0", "interop_redis_up 1.0", 'interop_disk_free_bytes{disk="data"}'):
        assert line in told.text
    assert 'interop_requests_total{method="GET",part="account",status="200"}' in told.text
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    from_afar = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}, **from_afar).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, **from_afar).status_code == 200


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/ims/oneroster/v1p1/users/Maria", "oneroster 1.1"),
        ("/ims/oneroster/rostering/v1p2/users/Maria", "oneroster rostering"),
        ("/admin/data/person/Maria/", "admin"),
        ("/Maria", "other"),
    ],
)
def test_labels_hold_nothing_of_what_stands_in_an_address(path, part):
    assert part_of(path) == part


def test_a_log_line_is_json_and_holds_neither_messages_of_faults_nor_addresses():
    logs.current_request.set("request-1")
    request = RequestFactory().get("/admin/data/person/Maria/?q=Maria")
    try:
        try:
            raise ValueError("Maria")
        except ValueError as error:
            raise IntegrityError("duplicate key: Maria") from error
    except IntegrityError:
        record = logging.LogRecord(
            "django.request",
            logging.ERROR,
            __file__,
            1,
            "%s: %s",
            ("Internal Server Error", request.path),
            sys.exc_info(),
        )
    record.request = request
    line = logs.JsonFormatter().format(record)
    told = json.loads(line)
    assert "Maria" not in line
    assert (told["message"], told["request_id"], told["level"]) == ("Internal Server Error", "request-1", "error")
    assert [each["type"] for each in told["exceptions"]] == ["django.db.utils.IntegrityError", "builtins.ValueError"]
    assert told["exceptions"][0]["lines"][0].startswith("tests/interop/test_watching.py:")


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_while_the_database_is_away_each_caller_is_asked_to_try_again_in_its_own_language(error):
    answers = {}
    for path in ("/ims/oneroster/rostering/v1p2/users", "/ims/oneroster/v1p1/users", "/oauth2/token", "/admin/"):
        try:
            raise error
        except (OperationalError, InterfaceError):
            answers[path] = outage.broken(RequestFactory().get(path))
    assert {(answer.status_code, answer["Retry-After"]) for answer in answers.values()} == {(503, "5")}
    new, old, token, page = (answer.content.decode() for answer in answers.values())
    assert json.loads(new)["imsx_severity"] == "error"
    assert json.loads(old)["statusInfoSet"][0]["imsx_codeMinor"] == "server_busy"
    assert json.loads(token)["error"] == "temporarily_unavailable"
    assert "Back in a moment" in page


def test_any_other_fault_is_a_fault_of_ours():
    try:
        raise ValueError("x")
    except ValueError:
        assert outage.broken(RequestFactory().get("/oauth2/token")).status_code == 500


def test_a_request_waits_for_the_database_only_so_long(db, monkeypatch):
    monkeypatch.delenv("PGOPTIONS", raising=False)
    importlib.reload(interop.wsgi)
    where = Database.configured()
    with psycopg.connect(where.conninfo, dbname=where.name) as server:
        limits = [
            server.execute(f"SHOW {name}").fetchone()[0]
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        ]
    assert limits == ["30s", "10s", "30s"]
    monkeypatch.delenv("PGOPTIONS")


def test_a_refresh_does_not_begin_on_a_disk_that_is_too_full(db, settings, tmp_path, monkeypatch):
    settings.DATABASE_DISK = tmp_path
    space.make_sure_of_room()
    monkeypatch.setattr(space, "free_bytes", lambda: space.LEAST - 1)
    with pytest.raises(space.NoSpace, match=r"has 255 MB left; a refresh may need 256 MB"):
        space.make_sure_of_room()
    monkeypatch.undo()
    settings.DATABASE_DISK = None
    assert space.free_bytes() is None
    space.make_sure_of_room()


def test_full_disks_and_missing_backups_are_told_once_a_day(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = settings.DATABASE_DISK = tmp_path
    run = Run(1, "", "")
    monkeypatch.setattr(vigil.shutil, "disk_usage", lambda _path: SimpleNamespace(used=70, free=30))
    assert vigil.watch(run) == "All is well."
    monkeypatch.setattr(vigil.shutil, "disk_usage", lambda _path: SimpleNamespace(used=95, free=5))
    monkeypatch.setattr(vitals, "last_backup", lambda: timezone.now() - dt.timedelta(days=3))
    for _ in range(2):
        assert vigil.watch(run) == "3 things to see to."
    told = Message.objects.filter(process=PROCESS)
    assert sorted(told.values_list("kind", flat=True)) == ["expiring", "failing", "failing"]
    assert told.filter(title="A disk is 95 % full").count() == 2


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("LOG_FORMAT", "xml", lambda: watching.log_format(production=True)),
        ("METRICS_TOKEN", "short", watching.metrics_token),
        ("METRICS_ALLOWED", "10.0.0.0/33", watching.metrics_networks),
        ("BACKUP_KEY", "short", backup_key),
        ("DATABASE_DISK", "/nowhere", lambda: database_disk(None)),
        ("DATABASE_REPLICA_URL", "mysql://x", lambda: all_databases("postgresql://x/y")),
    ],
)
def test_a_malformed_setting_is_named(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name if name != "DATABASE_REPLICA_URL" else "DATABASE"):
        read()


def test_a_test_mail_arrives_or_says_why_not(settings, mailoutbox):
    settings.MAIL = False
    with pytest.raises(CommandError, match="Set MAIL_URL"):
        call_command("send_test_mail", "office@example.org")
    settings.MAIL = True
    call_command("send_test_mail", "office@example.org")
    assert [letter.to for letter in mailoutbox] == [["office@example.org"]]
    with pytest.raises(CommandError, match="not a mail address"):
        call_command("send_test_mail", "office")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="did not take it"):
        call_command("send_test_mail", "office@example.org")
