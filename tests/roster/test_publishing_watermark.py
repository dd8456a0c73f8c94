"""The watermark: a refresh may say that nothing changed only when it is so."""

import datetime

import pytest
from django.db.models.fields.related import ManyToManyField

from roster import models, statistics
from roster.publishing.fingerprint import fingerprint
from tests.roster import factories as make

SMALL = {model._meta.db_table: model for model in models.Section._meta.apps.get_app_config("roster").get_models()}


def mark(day=make.TODAY):
    return fingerprint(day)


def test_nothing_happened_leaves_the_mark(lincoln):
    assert mark() == mark()


@pytest.mark.parametrize("path", ["school", "calendar", "grade", "student", "enrollment", "teacher", "assignment",
                                  "relationship", "course", "section", "term", "staff", "entry"])  # fmt: skip
def test_a_changed_row_and_a_removed_row_of_any_table_are_noticed(lincoln, path):
    row, before = getattr(lincoln, path), mark()
    type(row).objects.filter(pk=row.pk).update(sourced_id="changed")
    changed = mark()
    assert changed.data != before.data
    assert changed.rendering == before.rendering
    if path in {"relationship", "staff", "entry", "enrollment", "assignment"}:
        row.delete()
        assert mark().data != changed.data


def test_a_new_row_is_noticed(lincoln):
    before = mark()
    make.PersonFactory()
    assert mark().data != before.data


def test_a_link_between_rows_is_noticed(lincoln):
    before = mark()
    lincoln.section.terms.clear()
    assert mark().data != before.data


def test_a_district_setting_is_noticed(lincoln):
    before = mark()
    models.DistrictSettings(local_grades=True).save()
    assert mark().data != before.data


def test_the_next_day_is_noticed(lincoln):
    assert mark().data != mark(make.TODAY + datetime.timedelta(days=1)).data


def test_another_address_of_the_portal_is_noticed_as_rendering(lincoln, settings):
    before = mark()
    settings.PUBLIC_URL = "https://elsewhere.example.org"
    assert (mark().data, mark().rendering != before.rendering) == (before.data, True)


def test_every_table_of_sis_data_is_watched():
    watched = set(statistics.sis_tables())
    linked = {
        field.remote_field.through._meta.db_table
        for model in SMALL.values()
        for field in model._meta.get_fields()
        if isinstance(field, ManyToManyField)
    }
    assert linked
    assert linked < watched
    assert {"roster_person", "roster_account", "roster_demographics", "roster_districtsettings"} < watched
    assert not {"roster_record", "roster_body", "roster_edition", "roster_withheld", "roster_frozen"} & watched
