"""Accounts in batch: usernames by a pattern, seen before they are made, and never somebody else's."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from interop.admin.roles import Role
from interop.models import AuditEvent
from roster.editing import accounts, usernames
from roster.editing.usernames import Named
from roster.models import Account, AccountRule, GradeLevel, Person
from tests.roster import factories as make
from tests.roster.conftest import at

ADA = Named(first="Zoë Ann", middle="", last="O’Neill-Ørsted", id="0020-4417", year="2031")


class TestPatterns:
    @pytest.mark.parametrize(
        ("pattern", "username"),
        [
            ("{first:1}{last}", "zoneill-orsted"),
            ("{first:1}{last:6}{year:2}", "zoneill31"),
            ("{id:4}.S", "4417.s"),
            ("{first}_{year}", "zoeann_2031"),
        ],
    )
    def test_parts_are_taken_whole_or_in_signs_without_accents_and_capitals(self, pattern: str, username: str) -> None:
        usernames.check(pattern)
        assert usernames.make(pattern, ADA) == username

    @pytest.mark.parametrize(
        "pattern", ["", "smith", "{name}", "{first", "{last:0}", "{last} x", "{last}@lincoln", "{}"]
    )
    def test_a_pattern_nobody_can_use_is_refused(self, pattern: str) -> None:
        with pytest.raises(ValidationError):
            usernames.check(pattern)

    def test_a_part_that_is_blank_or_has_no_letter_is_told(self) -> None:
        assert usernames.missing("{first:1}{middle}{last}", ADA) == ["middle"]
        assert usernames.missing("{last}", Named(last="李")) == ["last"]

    @given(first=st.text(max_size=30), last=st.text(max_size=30), number=st.text(max_size=12))
    def test_whatever_people_are_called_a_username_is_plain(self, first: str, last: str, number: str) -> None:
        named = Named(first=first, last=last, id=number)
        pattern = "{first:1}{last}{id:4}"
        if not usernames.missing(pattern, named):
            assert re.fullmatch(r"[a-z0-9._-]{2,100}", usernames.make(pattern, named))


def student(here: Any, given: str, family: str, **told: Any) -> Person:
    person = make.PersonFactory(given_name=given, family_name=family, **told)
    make.EnrollmentFactory(person=person, calendar=here.calendar, grade_level=here.grade)
    return person


def made() -> dict[str, str]:
    return dict(Account.objects.values_list("person__given_name", "username"))


class TestABatch:
    def test_whoever_has_a_username_keeps_it_and_collisions_get_the_next_number(self, lincoln) -> None:
        lincoln.student.delete()
        has = student(lincoln, "Has", "One")
        Account.objects.create(person=has, username="JSmith")
        blank = student(lincoln, "Jane", "Smith")
        Account.objects.create(person=blank, username="")
        gone = make.PersonFactory(ended_at=at())
        Account.objects.create(person=gone, username="jsmith3")
        User.objects.create_user("jsmith4", is_staff=True)
        for name in ("John", "Jim"):
            student(lincoln, name, "Smith")
        student(lincoln, "Nameless", "")
        plan = accounts.plan("student", "{first:1}{last}", now=at())
        told = {each.person.given_name: each.username for each in plan.made}
        assert told == {"Jane": "jsmith2", "Jim": "jsmith5", "John": "jsmith6"}
        assert len(plan.collisions) == 3
        assert [(each.person.given_name, each.lacks) for each in plan.left_out] == [("Nameless", ["last"])]
        assert accounts.make(plan, enabled=False, actor="ada") == 3
        assert made() == {**told, "Has": "JSmith", "Ada": "jsmith3"}
        assert set(Account.objects.filter(made_here=True).values_list("enabled", flat=True)) == {False}
        events = AuditEvent.objects.filter(act="made an account", actor="ada")
        assert {event.after["username"] for event in events} == set(told.values())
        assert accounts.plan("student", "{first:1}{last}", now=at()).made == []

    def test_who_got_a_username_since_the_plan_keeps_it(self, lincoln) -> None:
        first, second = student(lincoln, "Amy", "One"), student(lincoln, "Ben", "Two")
        plan = accounts.plan("student", "{first}", school=lincoln.school.pk, now=at())
        Account.objects.create(person=first, username="mine")
        Account.objects.create(person=lincoln.teacher, username="BEN")
        accounts.make(plan, enabled=True, actor="ada")
        assert (first.account.username, Account.objects.filter(person=second).exists()) == ("mine", False)

    def test_the_year_of_graduation_follows_the_nces_grade(self, lincoln) -> None:
        grades = {"12": "2027", "09": "2030", "KG": "2039", "PK": "2040"}
        for grade in grades:
            level = make.GradeLevelFactory(calendar=lincoln.calendar, nces_grade=grade)
            make.EnrollmentFactory(person__given_name=f"G{grade}", calendar=lincoln.calendar, grade_level=level)
        GradeLevel.objects.filter(pk=lincoln.grade.pk).update(nces_grade="UG")
        plan = accounts.plan("student", "{first}.{year}", now=at())
        assert {each.username for each in plan.made} == {f"g{g}.{year}".lower() for g, year in grades.items()}
        assert [each.lacks for each in plan.left_out] == [["year"]]

    def test_staff_and_families_get_accounts_too_and_a_school_narrows_the_batch(self, lincoln) -> None:
        elsewhere = make.SchoolFactory().pk
        for kind, person in (("staff", lincoln.teacher), ("family", lincoln.mother), ("student", lincoln.student)):
            assert list(accounts.people(kind, lincoln.school.pk, at())) == [person]
            assert not accounts.people(kind, elsewhere, at()).exists()


class TestByThemselves:
    def test_a_rule_that_is_on_makes_accounts_for_who_has_none_and_is_told_in_the_trail(self, lincoln) -> None:
        assert accounts.give_automatic(at()) == 0
        for kind in ("student", "staff"):
            accounts.set_rule(kind, automatic=kind == "staff", pattern="{last}", enabled=True, actor="ada")
        assert accounts.give_automatic(at()) == 1
        account = Account.objects.get()
        assert (account.person, account.enabled, account.made_here) == (lincoln.teacher, True, True)
        assert accounts.give_automatic(at()) == 0
        assert not accounts.set_rule("staff", automatic=True, pattern="{last}", enabled=True, actor="ada")
        assert AuditEvent.objects.filter(act="changed automatic accounts").count() == 2


class TestThePage:
    @pytest.fixture
    def editor(self, db: None) -> Client:
        user = User.objects.create_user("eddy", is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=Role.EDITOR)[0]])
        client = Client()
        client.force_login(user)
        return client

    def test_it_shows_what_it_would_make_and_makes_exactly_that(self, lincoln, editor: Client) -> None:
        page = reverse("admin:data_usernames")
        asked = {"kind": "student", "school": "", "pattern": "{first}", "enabled": "on"}
        shown = editor.post(page, {**asked, "act": "show"}).content.decode()
        assert "1 account would be made" in shown
        assert not Account.objects.exists()
        digest = re.search(r'name="digest" value="(\w+)"', shown)
        assert digest
        student(lincoln, "Ada", "Aaron")  # stands before the other one now, and would take the username
        late = editor.post(page, {**asked, "act": "make", "digest": digest[1]}).content.decode()
        assert "the data have changed since you looked" in late
        assert "<del>ada</del> <code>ada2</code>" in late
        assert not Account.objects.exists()
        digest = re.search(r'name="digest" value="(\w+)"', late)
        assert digest
        done = editor.post(page, {**asked, "act": "make", "digest": digest[1]}, follow=True).content.decode()
        assert "2 accounts made. Vendors see the usernames within seconds." in done
        assert set(Account.objects.values_list("username", "enabled")) == {("ada", True), ("ada2", True)}

    def test_a_wrong_pattern_is_told_and_rules_are_saved(self, lincoln, editor: Client) -> None:
        page = reverse("admin:data_usernames")
        wrong = editor.post(page, {"kind": "student", "pattern": "smith", "act": "show"}).content.decode()
        assert "Put at least one part in braces" in wrong
        rule = {"student-automatic": "on", "student-pattern": "{id}", "act": "rule student"}
        assert "New ones get accounts" in editor.post(page, rule, follow=True).content.decode()
        kept = AccountRule.objects.get()
        assert (kept.kind, kept.automatic, kept.pattern, kept.enabled) == ("student", True, "{id}", False)
