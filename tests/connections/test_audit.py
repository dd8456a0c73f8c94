import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from connections.models import Application
from interop import audit
from interop.models import AuditEvent


@pytest.fixture
def event(db):
    acme = Application.objects.create(name="Acme", slug="acme")
    return audit.record(
        "ada",
        "changed",
        acme,
        before={"name": "Old", "partner": False, "client_secret": "orp_sk_old"},
        after={"name": "Acme", "partner": False, "client_secret": "orp_sk_new", "at": dt.date(2026, 11, 22)},
    )


def test_an_event_tells_what_differed_and_no_secret(event):
    event.refresh_from_db()
    assert event.before == {"name": "Old"}
    assert event.after == {"name": "Acme", "at": "2026-11-22"}
    assert (event.actor, event.act, event.object_type, event.object_name) == (
        "ada",
        "changed",
        "connections.Application",
        "Acme",
    )


def test_an_event_is_never_changed_or_deleted(event):
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    for spoil in (AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(actor="x")):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            spoil()
    assert AuditEvent.objects.get().actor == "ada"
