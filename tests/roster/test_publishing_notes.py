"""The database notes every change itself; a refresh may say that nothing changed only when it is so."""

import datetime
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.models import Model, Q
from django.db.models.fields.related import ManyToManyField

from roster import models, statistics, visibility
from roster.models import Record, Touched
from roster.publishing import Held, part, publish
from roster.publishing.fingerprint import Fingerprint
from roster.publishing.part import concerned
from roster.publishing.touched import DATED, Notes, flips
from roster.visibility import Moment, Rule
from tests.roster import factories as make
from tests.roster.conftest import at

DAY = datetime.timedelta(days=1)
MODELS = models.Section._meta.apps.get_app_config("roster").get_models()
SMALL = {model._meta.db_table: model for model in MODELS}


def noted() -> set[tuple[str, str]]:
    return set(Touched.objects.values_list("kind", "key"))


@pytest.fixture
def quiet(published, lincoln):
    """Lincoln, all of it published."""
    published.refresh()
    assert not noted()
    return lincoln


@pytest.mark.parametrize("path", ["school", "calendar", "grade", "student", "enrollment", "teacher", "assignment",
                                  "relationship", "course", "section", "term", "staff", "entry"])  # fmt: skip
def test_a_changed_row_and_a_removed_row_of_any_table_are_noted(quiet, path):
    row = getattr(quiet, path)
    type(row).objects.filter(pk=0).update(sourced_id="nobody")
    assert not noted()
    type(row).objects.filter(pk=row.pk).update(sourced_id="changed")
    assert noted()
    if path in {"relationship", "staff", "entry", "enrollment", "assignment"}:
        Touched.objects.all().delete()
        row.delete()
        assert noted()


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


def test_every_watched_table_notes_what_is_inserted_updated_deleted_and_emptied(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname LIKE 'roster_note_%' AND tgenabled = 'O'"
        )
        found = set(cursor.fetchall())
    acts = ("insert", "update", "delete", "truncate")
    assert {(table, f"roster_note_{act}") for table in statistics.sis_tables() for act in acts} <= found


def test_a_new_row_and_a_link_between_rows_are_noted(quiet):
    new = make.PersonFactory()
    assert noted() == {("person", str(new.pk))}
    quiet.section.terms.clear()
    assert ("structure", "") in noted()


def test_what_nobody_else_depends_on_is_noted_as_the_persons_own(quiet):
    own = ("self", str(quiet.student.pk))
    people = models.Person.objects.filter(pk=quiet.student.pk)
    people.update(email="new@example.org", family_name="Byron", primary_school=quiet.school, local_id="7")
    assert noted() == {own}
    assert concerned(Notes.read()).people == {quiet.student.pk}
    assert not concerned(Notes.read()).entries
    models.Demographics.objects.create(person=quiet.student)
    assert noted() == {own}
    people.update(external_lms_exclude=True)
    assert noted() == {own, ("person", str(quiet.student.pk))}


def test_the_rules_about_others_ask_for_no_column_of_a_person_but_those_noted_for_them(quiet):
    moment = Moment(quiet.calendar.school_year, make.TODAY)
    rules = {rule for each in vars(visibility).values() if isinstance(each, tuple) for rule in each}
    paths = {(rule.applies_to, path) for rule in rules if isinstance(rule, Rule) for path in asked(rule, moment)}
    found = {column(*path) for path in paths}
    assert {name for model, name in found if model is models.Person} == {"pk", "ended_at", "external_lms_exclude"}


def asked(rule: Rule, moment: Moment) -> Iterator[str]:
    """The paths a rule compares with values; what it asks of other tables is asked by their own rules."""
    waiting = [rule.condition(moment)]
    for test in waiting:
        waiting += [child for child in test.children if isinstance(child, Q)]
        yield from (child[0] for child in test.children if isinstance(child, tuple))


def column(model: type[Model], path: str) -> tuple[type[Model], str]:
    """The table and the name of the column at the end of a path; its key where it ends at a row."""
    name, _, rest = path.partition("__")
    if name not in {field.name for field in model._meta.get_fields()}:
        return model, "pk"
    related = model._meta.get_field(name).related_model
    return column(related, rest) if related else (model, name)


def test_people_who_are_deleted_are_noted_once_and_nobody_is_not(quiet):
    models.Person.objects.filter(pk=0)._raw_delete("default")
    assert not noted()
    make.PersonFactory.create_batch(2, given_name="Gone")
    Touched.objects.all().delete()
    models.Person.objects.filter(given_name="Gone")._raw_delete("default")
    assert list(Touched.objects.filter(kind="everything").values_list("key", flat=True)) == [""]


def test_what_a_link_led_to_is_noted_as_well_as_what_it_leads_to(quiet):
    other = make.PersonFactory()
    Touched.objects.all().delete()
    models.Enrollment.objects.update(person=other)
    assert noted() == {("person", str(quiet.student.pk)), ("person", str(other.pk))}


MANY = """
    INSERT INTO roster_coursemaster (sourced_id, title, number, external_lms_exclude)
    SELECT 'm' || n, '', '', false FROM generate_series(0, 20000) n
"""
RENAMED, EMPTIED = "UPDATE roster_person SET sourced_id = sourced_id || 'x'", "TRUNCATE roster_resource CASCADE"


@pytest.mark.parametrize("act", [RENAMED, EMPTIED, MANY])
def test_where_single_notes_do_not_help_everything_is_looked_at(quiet, act):
    with connection.cursor() as cursor:
        cursor.execute(act)
    assert concerned(Notes.read()).is_whole


def test_a_district_setting_may_change_everything(quiet):
    models.DistrictSettings(local_grades=True).save()
    assert concerned(Notes.read()).is_whole


def test_when_much_was_touched_everything_is_looked_at(quiet, monkeypatch):
    models.Person.objects.update(given_name="Grace")
    assert not concerned(Notes.read()).is_whole
    monkeypatch.setattr(part, "FEW", 1)
    monkeypatch.setattr(part, "SHARE", 0)  # of how many rows is an estimate of the server's
    assert concerned(Notes.read()).is_whole


def test_what_is_touched_while_a_refresh_works_waits_for_the_next(quiet):
    make.PersonFactory()
    notes = Notes.read()
    later = make.PersonFactory()
    notes.forget()
    assert noted() == {("person", str(later.pk))}


def test_a_refresh_that_is_held_forgets_nothing(published, lincoln):
    make.EnrollmentFactory.create_batch(30, calendar=lincoln.calendar)
    published.refresh()
    models.Enrollment.objects.update(no_show=True)
    touched = noted()
    with pytest.raises(Held), transaction.atomic():
        published.refresh(force=False)
    assert noted() == touched != set()
    published.refresh()
    assert not noted()


def test_another_address_of_the_portal_is_noticed_as_rendering(settings):
    before = Fingerprint.now(make.TODAY)
    settings.PUBLIC_URL = "https://elsewhere.example.org"
    after = Fingerprint.now(make.TODAY)
    assert (after.day, after.rendering != before.rendering) == (before.day, True)
    assert Fingerprint.parse(str(after)) == after
    assert Fingerprint.parse(str(after.incomplete())) == after.incomplete() != after


def test_a_date_that_passes_touches_whom_it_concerns(quiet):
    models.RosterEntry.objects.update(end_date=make.TODAY)
    models.Relationship.objects.update(start_date=make.TODAY + DAY)
    year = models.SchoolYear.objects.get(active=True)
    today, tomorrow = Moment(year, make.TODAY), Moment(year, make.TODAY + DAY)
    found = {("entry", "sits"), ("person", str(quiet.student.pk))}
    assert set(flips(today, tomorrow)) == set(flips(tomorrow, today)) == found
    assert not [*flips(today, today)]


def test_no_rule_that_depends_on_the_date_is_left_out():
    asked = {rule for rules, _, _ in DATED for rule in rules}
    lists = [value for value in vars(visibility).values() if isinstance(value, tuple) and isinstance(value[0], Rule)]
    assert len(lists) > 10
    day, year = make.TODAY, models.SchoolYear(start_year=2026, end_year=2027)
    for rule in {rule for rules in lists for rule in rules} - asked:
        assert rule.condition(Moment(year, day)) == rule.condition(Moment(year, day + DAY)), rule.name


def test_a_record_that_went_wrong_untouched_is_found_by_looking_at_everything(quiet):
    wrong = Record.objects.filter(object="user", sourced_id="student", version=12)
    wrong.update(digest=b"x" * 16, source=None)
    models.Person.objects.filter(sourced_id="teacher").update(given_name="Grace")
    assert publish(at()).counts["user"].changed == 1
    assert wrong.get().source is None
    outcome = publish(at(), scratch=True)
    assert (outcome.unforeseen, outcome.counts["user"].changed) == (True, 1)
    assert not publish(at(), scratch=True).changed
    models.Person.objects.filter(sourced_id="teacher").update(given_name="Ada")
    assert not publish(at(), scratch=True).unforeseen
