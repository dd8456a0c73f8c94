"""Why a record is shared or not, told by the rules that publish."""

import datetime
import json
import random
from collections.abc import Sequence
from types import SimpleNamespace

import hypothesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections import services
from connections.grants import grant_of
from connections.models import Connection
from roster import models, scheduling, visibility
from roster.explaining import conditions, explain
from roster.explaining.journey import journey_of
from roster.explaining.parts import OF_VERSION, WAYS
from roster.explaining.preview import would
from roster.explaining.remedies import place_of, remedy_of
from roster.explaining.values import looked_at, seen_by
from roster.reading.records import Shown
from roster.visibility import Moment, Rule
from tests.flows.test_random_districts import days, example, random_choices, seeds
from tests.flows.vendor import refresh
from tests.roster import factories as make
from tests.roster.conftest import at
from tests.roster.districts import DAY, RandomDistrict

SUBJECTS = (models.Person, models.Section, models.Course, models.School, models.RosterEntry, models.SectionStaff)
SAMPLED = 15
RULES = {rule.name: rule for way in WAYS for rule in way.rules} | {
    rule.name: rule for rules in OF_VERSION.values() for rule in rules
}


def connect(*schools: int, **choices: object) -> Connection:
    """A connection of Acme; without schools to all of them."""
    application = services.application_named("Acme", partner=False, actor="admin")
    told = {"purpose": "Reading", **choices}
    return services.create_connection(
        application, actor="admin", name="Acme reading", schools=schools or None, choices=told
    )


def lists_of_rules() -> list[Rule]:
    """Every rule in any tuple of the visibility package."""
    tuples = (value for value in vars(visibility.rules).values() if isinstance(value, tuple))
    return [rule for each in tuples for rule in each if isinstance(rule, Rule)]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=max(3, settings().max_examples // 4),
)
@given(seed=seeds, day=days, shift=st.integers(-1, 1))
@hypothesis.example(seed=9278438, day=datetime.date(2026, 6, 24), shift=0)  # two schools, one of them shared, in 1.1
@hypothesis.example(seed=53986534, day=datetime.date(2026, 6, 24), shift=0)  # a guardian who teaches, in 1.1
@hypothesis.example(seed=3628799, day=datetime.date(2027, 6, 11), shift=1)  # who works elsewhere too, in 1.1
def test_what_is_explained_as_shared_is_what_was_published(db: None, seed: int, day: datetime.date, shift: int) -> None:
    def check() -> None:
        chance, today = random.Random(seed), day + shift * DAY  # noqa: S311
        RandomDistrict(chance)
        refresh(today)
        choices = random_choices(chance)
        chosen = models.School.objects.filter(sourced_id__in=choices.schools or ())
        connection = connect(
            *chosen.values_list("pk", flat=True), version=chance.choice([11, 12]),
            share_guardians=choices.guardians, share_relatives=choices.relatives,
        )  # fmt: skip
        records = [record for kind in SUBJECTS for record in kind.objects.all()]
        tried = chance.sample(records, min(SAMPLED, len(records)))
        told = {each: explain(each, connection, at(today)) for each in tried}
        journeys = {each: journey_of(each, connection) for each in tried}
        assert {str(each): told[each].in_scope for each in tried} == {
            str(each): journeys[each].read_now for each in tried
        }
        for each in tried[: SAMPLED // 2]:
            if told[each].in_scope:  # then what would be shown is what is shown
                foreseen = would(told[each], grant_of(connection), connection.version, at(today))
                [shown] = [version.shown for version in journeys[each].versions if version.own]
                assert documents(foreseen) == documents(shown)

    example(check)


def documents(found: Sequence[Shown]) -> dict[str, dict[str, object]]:
    """The documents by sourcedId, without the date only a published one has."""
    docs = {shown.row.sourced_id: json.loads(shown.data) for shown in found}
    return {name: {**doc, "dateLastModified": ""} for name, doc in docs.items()}


def now(day: datetime.date = make.TODAY) -> Moment:
    return Moment(models.SchoolYear.objects.get(active=True), day)


def test_every_rule_of_the_publisher_is_explained_with_the_values_it_looked_at(lincoln: SimpleNamespace) -> None:
    """A rule that is added to the publisher's lists and to nothing else fails here."""
    told = {rule.name for rule in lists_of_rules()} - {
        rule.name for rules in (visibility.CALENDAR, visibility.TERM) for rule in rules
    }
    assert told == set(RULES)
    assert len(RULES) > 60
    for name, rule in RULES.items():
        looked = looked_at(rule, now())
        assert looked, name
        assert remedy_of(rule, looked), name
        assert rule.of_others <= bool(rule.asks), name


def test_each_value_is_told_in_words_and_leads_somewhere(lincoln: SimpleNamespace) -> None:
    here = {
        models.Enrollment: lincoln.enrollment, models.DistrictAssignment: lincoln.assignment,
        models.Relationship: lincoln.relationship, models.Section: lincoln.section, models.Course: lincoln.course,
        models.School: lincoln.school, models.RosterEntry: lincoln.entry, models.SectionStaff: lincoln.staff,
        models.Person: lincoln.student,
    }  # fmt: skip
    models.DistrictAssignment.objects.update(end_date=make.TODAY - DAY, roles=["health", "rti"])
    models.Person.objects.filter(pk=lincoln.student.pk).update(external_lms_exclude=True)
    said = {}
    for model, record_ in here.items():
        rules = [rule for rule in RULES.values() if rule.applies_to is model]
        for rule, seen in zip(rules, seen_by(rules, record_, now()), strict=True):
            said[rule.name] = seen.words
            place = place_of(seen, record_)
            assert seen.words, rule.name
            assert place is not None
            assert place.url.startswith("/admin/data/")
            assert place.title.startswith("Open the")
    assert said["enrollment.person.not_excluded"] == f"Ada {lincoln.student.family_name}: marked"
    assert said["enrollment.calendar.school.not_excluded"] == "Lincoln: not marked"
    assert said["districtassignment.end_not_past"] == "Sep 30, 2026 · today is Oct 1, 2026"
    assert said["districtassignment.dates_in_year"] == (
        "Start date: Aug 1, 2015 · End date: Sep 30, 2026 · school year Aug 3, 2026 to Jun 11, 2027"
    )
    assert said["enrollment.end_not_past"] == "End date: blank · Calendar end date: blank · today is Oct 1, 2026"
    assert said["aide.role"] == "health, rti"
    assert said["section.course.course_master.not_excluded"] == "none"
    assert said["school.has_calendar"] == "2026-27, External LMS Exclude: not marked"
    assert said["course.used"] == "Algebra 1, Lincoln"
    assert said["rosterentry.section"] == "Algebra 1"
    assert said["person.username"] == "none"


def failing(explanation: object) -> set[str]:
    return {line.name for part in explanation.parts for line in part.failed}  # type: ignore[attr-defined]


def test_somebody_who_teaches_is_explained_as_a_teacher_also_without_the_box(lincoln: SimpleNamespace) -> None:
    connection = connect()
    models.DistrictAssignment.objects.update(teacher=False, roles=["counselor"])
    told = explain(lincoln.teacher, connection, at())
    assert [part.candidate.way.name for part in told.parts] == ["teacher", "aide"]
    assert told.in_scope
    assert failing(told) == {"teacher.box"}
    models.DistrictAssignment.objects.update(end_date=make.TODAY - DAY, external_lms_exclude=True, roles=[])
    told = explain(lincoln.teacher, connection, at())
    assert failing(told) == {"teacher.box", "districtassignment.end_not_past", "districtassignment.not_excluded"}
    assert (told.shared, told.failed) == (False, 4)  # the connection has no secret either
    nobody = explain(make.PersonFactory(), connection, at())
    assert (nobody.parts, nobody.in_scope) == ([], False)


def test_a_connection_keeps_back_by_school_switch_version_and_state(lincoln: SimpleNamespace) -> None:
    washington = make.CalendarFactory(school__sourced_id="washington", school__name="Washington")
    elsewhere = explain(lincoln.student, connect(washington.school.pk), at())
    assert failing(elsewhere) == {"connection.school"}
    mother = explain(lincoln.mother, connect(share_guardians=False), at())
    assert failing(mother) == {"connection.guardians"}
    old = explain(lincoln.entry, connect(version=11), at())
    assert [(line.name, line.passed) for line in old.whole] == [("person.username", False)]
    assert [line.passed for line in explain(lincoln.entry, connect(), at()).whole] == [None]
    stopped = connect(enabled=False, expires_at=at(make.TODAY - DAY))
    told = explain(lincoln.school, stopped, at())
    assert {line.name for line in told.access if not line.passed} == {
        "connection.enabled", "connection.not_expired", "connection.credential",
    }  # fmt: skip
    assert (told.in_scope, told.shared) == (True, False)
    models.SchoolYear.objects.update(active=False)
    assert explain(lincoln.school, stopped, at()).moment is None


def test_a_vendor_that_is_held_until_scheduling_is_final_is_told_so(db):
    make.CalendarFactory()
    application = services.application_named("Acme", partner=False, actor="admin")
    connection = services.create_connection(application, actor="admin")
    models.DistrictSettings(hold_until_final=True).save()

    def held():
        lines = conditions.access(connection, grant_of(connection), at())
        return [line.name for line in lines if not line.passed]

    assert "district.not_held" in held()
    scheduling.mark(models.SchoolYear.objects.get(active=True), actor="admin")
    assert "district.not_held" not in held()
