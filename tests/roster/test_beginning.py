"""Before you start: the next step is taught in order, and each ticks itself when it is true."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from connections import services
from interop.admin.roles import Role
from roster.beginning import DONE, LATER, NEXT, WRONG, Facts, steps
from roster.models import Account, SchoolYear
from roster.publishing import publish
from roster.readiness import Finding
from tests.roster.conftest import at

NOW = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)
NOTHING = Facts(second_step=False, students=0, imported_at=None, year="", published_at=None)
ALL = Facts(
    second_step=True, students=187_412, imported_at=NOW, year="2026-27", published_at=NOW - dt.timedelta(days=1),
    findings=[],
)  # fmt: skip


def moods(facts: Facts) -> list[str]:
    return [step.mood for step in steps(facts, NOW)]


def test_on_a_fresh_portal_one_step_is_next_and_the_others_wait() -> None:
    assert moods(NOTHING) == [NEXT, LATER, LATER, LATER]
    assert moods(replace(NOTHING, students=3)) == [DONE, NEXT, LATER, LATER]
    assert moods(replace(NOTHING, students=3, year="2026-27", second_step=True)) == [DONE, DONE, NEXT, DONE]
    assert moods(replace(ALL, second_step=False)) == [DONE, DONE, DONE, NEXT, DONE]


def test_what_is_true_says_what_is_known_and_asks_for_nothing() -> None:
    found = steps(ALL, NOW)
    assert [step.mood for step in found] == [DONE] * 5
    assert [step.told for step in found] == [
        "187,412 students, imported today", "2026-27", "published yesterday", "", "",
    ]  # fmt: skip
    assert not [step for step in found if step.url or step.command or step.remedy]


def test_the_next_step_says_how_and_leads_there() -> None:
    told = [
        next(step for step in steps(facts, NOW) if step.mood == NEXT)
        for facts in (NOTHING, replace(ALL, year=""), replace(ALL, published_at=None))
    ]
    assert told[0].command == "python manage.py import_oneroster PATH"
    assert told[1].url == reverse("admin:data_school_years")
    assert told[2].url == reverse("admin:refresh_cache")
    wrong = steps(replace(ALL, findings=[Finding("x", "412 students have no email address.", ())]), NOW)[-1]
    assert (wrong.mood, wrong.remedy, wrong.url) == (
        WRONG, "412 students have no email address.", reverse("admin:readiness"),
    )  # fmt: skip


@pytest.mark.django_db
def test_the_page_of_applications_ticks_each_step_as_it_comes_true(client, request) -> None:
    client.force_login(User.objects.create_superuser("olga"))

    def page() -> tuple[list[str], str]:
        answer = client.get(reverse("admin:applications"))
        words = re.sub(r"\s+", " ", answer.content.decode())
        return [step.mood for step in answer.context["beginning"]], words

    found, words = page()
    assert found == [NEXT, LATER, LATER, LATER]
    assert f'href="{reverse("account_second_step")}"' in words
    lincoln = request.getfixturevalue("lincoln")
    Account.objects.create(person=lincoln.student, username="s.student")
    assert page()[0] == [DONE, DONE, NEXT, LATER, DONE]
    publish(at(), force=True)
    assert page()[0] == [DONE, DONE, DONE, NEXT, DONE]
    services.create_connection(services.application_named("Acme", partner=False, actor="olga"), actor="olga")
    assert page()[0] == []
    SchoolYear.objects.update(active=False)
    found, words = page()
    assert found == [DONE, NEXT, DONE, LATER]
    assert words.index("Before you start") < words.index("Acme")


@pytest.mark.django_db
def test_nobody_is_led_to_what_only_others_may_open(client) -> None:
    user = User.objects.create_user("vera", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=Role.VIEWER)[0])
    client.force_login(user)
    services.create_connection(services.application_named("Acme", partner=False, actor="olga"), actor="olga")
    answer = client.get(reverse("admin:applications"))
    screens = [step.screen for step in answer.context["beginning"] if step.screen]
    assert screens == ["admin:data_school_years", "account_second_step"]
