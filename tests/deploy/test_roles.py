"""The role of the web server: it serves vendors and people, and can neither change tables nor what happened."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.urls import reverse

from connections import services
from gradebook.models import Score
from interop import audit, rights
from interop.models import AuditEvent
from roster.models import FeedImport, Person
from tests.gradebook.conftest import assignment, make_book, partner, score
from tests.imports.test_feeding import zipped
from tests.imports.test_older import PACKAGE
from tests.reading.published import publish_district

FILE = Path(settings.BASE_DIR) / "deploy" / "postgresql" / "roles.sql"
FORBIDDEN = (
    "UPDATE interop_auditevent SET actor = 'nobody'",
    "DELETE FROM interop_auditevent",
    "TRUNCATE interop_auditevent",
    "ALTER TABLE interop_auditevent DISABLE TRIGGER ALL",
    "DELETE FROM connections_accesslog",
    "UPDATE connections_accesslog SET connection_id = 1",
    "CREATE TABLE mine (id int)",
    "DROP TABLE roster_body",
    "ALTER TABLE connections_connection ADD COLUMN extra int",
    "TRUNCATE roster_record",
    "DELETE FROM django_migrations",
    "CREATE ROLE somebody",
    "COPY roster_person TO PROGRAM 'cat'",
)


@pytest.fixture
def as_web(db) -> Iterator[None]:
    """Run what follows as interop_web; the role is gone with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(FILE.read_text(encoding="utf-8").replace("%", "%%"), [])
        cursor.execute("SET LOCAL ROLE interop_web")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_the_web_role_serves_and_cannot_change_what_happened(db, client, request):
    publish_district()
    acme = services.application_named("Acme", partner=False, actor="admin")
    issued = services.add_credential(services.create_connection(acme, actor="admin"), actor="admin")
    officer = User.objects.create_superuser("officer", "", "x")
    before = AuditEvent.objects.count()
    request.getfixturevalue("as_web")

    told = base64.b64encode(f"{issued.credential.client_id}:{issued.secret}".encode()).decode()
    token = client.post(
        "/oauth2/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {told}"}
    )
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    for offset in (0, 2):
        page = client.get(f"/ims/oneroster/rostering/v1p2/users?limit=2&offset={offset}", headers=bearer)
        assert page.status_code == 200, page.content
        assert len(page.json()["users"]) == 2
    audit.record("officer", "looked", officer)
    assert AuditEvent.objects.count() == before + 1
    for statement in FORBIDDEN:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner|must be superuser"):  # noqa: PT012
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            pytest.fail(f"{statement} was allowed")


def test_every_table_of_a_model_is_granted_by_the_next_migration_and_people_and_vendors_can_do_their_work(
    db, client, settings, tmp_path, request
):
    settings.DATA_DIR = tmp_path
    make_book()
    acme = partner()
    client.force_login(User.objects.create_superuser("officer", "", "x"))
    request.getfixturevalue("as_web")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM interop_web")  # as if they were all new
        rights.grant()
        cursor.execute(
            "SELECT tablename, has_table_privilege('interop_web', tablename, 'SELECT, INSERT'),"
            " has_table_privilege('interop_web', tablename, 'UPDATE') AND"
            " has_table_privilege('interop_web', tablename, 'DELETE') FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename = ANY(%s)",
            [connection.introspection.django_table_names()],
        )
        told = {name: (adds, changes) for name, adds, changes in cursor.fetchall()}
        assert {name for name, (_, changes) in told.items() if not changes} == rights.GROWING
        assert {adds for adds, _ in told.values()} == {True}
        cursor.execute(FILE.read_text(encoding="utf-8").replace("%", "%%"), [])
        cursor.execute("SET LOCAL ROLE interop_web")

    assert acme.put("lineItem", "quiz-1", **assignment()).status_code == 201
    assert acme.put("result", "r-1", **score()).status_code == 201
    assert acme.put("result", "r-1", **score(score=3)).status_code == 200
    assert Score.objects.get().score == 3
    assert acme.ids("/results") == ["r-1"]
    assert acme.send("DELETE", "/results/r-1").status_code == 204
    Person.objects.filter(sourced_id="ada").update(family_name="King")  # triggers note whom it touches
    upload = SimpleUploadedFile("nightly.zip", zipped(PACKAGE))
    assert client.post(reverse("admin:imports"), {"package": upload}).status_code == 302
    assert FeedImport.objects.get().state == FeedImport.State.WAITING
    for screen in ("applications", "jobs", "imports"):
        assert client.get(reverse(f"admin:{screen}")).status_code == 200, screen
