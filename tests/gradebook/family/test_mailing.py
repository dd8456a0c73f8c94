"""Mail to families: off by default, once a day, in their language, and without anything about the student."""

import datetime as dt

import pytest

from gradebook.family import mailing
from gradebook.models import FamilyChoice, PostedGrade, Score
from interop.jobs.running import Refused, Run
from roster.models import Account, DistrictSettings
from tests.gradebook.family.conftest import DAY, NOW, Home
from tests.gradebook.family.test_home import words
from tests.gradebook.test_teacher_matrix import signed_in

JOB = Run(1, "", "")
WITHOUT = ("Maya", "Lucía", "Quiz", "23", "84", "Algebra", "Voss")


@pytest.fixture
def sends(home: Home, settings) -> Home:
    """The family, where server and district send mail; everything was scored an hour ago."""
    settings.MAIL, settings.PUBLIC_URL = True, "https://portal.example.org"
    DistrictSettings(family_mail=True).save()
    for model in (Score, PostedGrade):
        model.objects.update(modified=NOW - dt.timedelta(hours=1))
    Account.objects.create(person=home.rosa, username="rosa")
    return home


def asked(home: Home, **facts) -> FamilyChoice:
    told = {"mail_grades": True, "mail_missing": True, "told_until": NOW - 2 * DAY}
    return FamilyChoice.objects.create(person=home.rosa, **told | facts)


def test_nobody_gets_mail_who_did_not_ask_for_it_on_the_settings_page(sends: Home, mailoutbox) -> None:
    rosa = signed_in(sends.rosa)
    assert mailing.send(NOW, JOB) == 0
    assert "At most one mail a day, to rosa@family.example." in words(rosa.get("/home/settings/"))
    rosa.post("/home/settings/", {"mail_missing": "1"}, headers={"Accept-Language": "es"})
    choice = FamilyChoice.objects.get()
    assert (choice.mail_grades, choice.mail_missing, choice.language, choice.told_until) == (False, True, "es", NOW)
    assert mailing.send(NOW + DAY, JOB) == 0
    DistrictSettings(family_mail=False).save()
    assert "Your district sends no mail about grades." in words(rosa.get("/home/settings/"))
    assert (mailing.run(JOB), mailoutbox) == ("Mail to students and parents is off.", [])


def test_a_mail_a_day_says_that_there_is_news_and_nothing_of_what_it_is(sends: Home, mailoutbox) -> None:
    asked(sends)
    assert [mailing.send(NOW, JOB), mailing.send(NOW, JOB), mailing.send(NOW + DAY, JOB)] == [1, 0, 0]
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == (["rosa@family.example"], "News from Test District")
    assert letter.body.startswith(
        "There are new grades in 2 classes.\nWork is missing in 1 class.\n\nSign in to see more"
    )
    assert "https://portal.example.org/home/settings/" in letter.body
    assert [each for each in WITHOUT if each in letter.body] == []


def test_what_is_closed_is_no_news(sends: Home, mailoutbox) -> None:
    asked(sends)
    sends.taught.section.assignments.update(portal=False)
    assert (mailing.send(NOW, JOB), mailoutbox) == (0, [])
    sends.taught.section.grade_options.update(portal=True)
    assert mailing.send(NOW, JOB) == 1
    assert "There are new grades in 1 class." in mailoutbox[0].body


def test_what_the_server_does_not_take_is_told_the_next_time_and_in_spanish(
    sends: Home, mailoutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_told: object) -> None:
        raise OSError

    asked(sends, language="es", mail_grades=False)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuses)
        broken.setattr("gradebook.family.mailing.timezone.now", lambda: NOW)
        with pytest.raises(Refused):
            mailing.run(JOB)
    assert mailing.send(NOW, JOB) == 1
    assert mailoutbox[0].body.startswith("Faltan tareas en 1 clase.\n\nInicie sesión")
    Account.objects.update(enabled=False)
    FamilyChoice.objects.update(told_until=NOW - 3 * DAY)
    assert mailing.send(NOW, JOB) == 0
