"""Teachers, students and families come in with the roster's accounts, by a code that the office hands them."""

import csv
import datetime
import io
import re
from typing import Any

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interop.admin.roles import Role
from interop.models import AuditEvent
from roster.models import Account, ActivationCode, SignIn
from roster.signin import codes
from tests.roster import factories as make
from tests.signin import second_step

PASSWORD, ANOTHER = "orbit lantern pickle ravine", "copper velvet hammock tulip"
NOW = datetime.datetime(2026, 10, 1, 18, tzinfo=datetime.UTC)
WRONG = "That did not work."


@pytest.fixture(autouse=True)
def quick_and_fresh(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def people(lincoln) -> Any:
    """Lincoln, whose teacher, student and mother have accounts."""
    for name in ("student", "teacher", "mother"):
        person = getattr(lincoln, name)
        person.account = Account.objects.create(person=person, username=f"{name}.1")
    return lincoln


@pytest.fixture
def office(db) -> Client:
    """An editor's browser."""
    return signed_in(staff("eddy", Role.EDITOR))


def staff(name: str, role: Role) -> User:
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def code_for(person: Any, now: datetime.datetime | None = None) -> str:
    (slip,) = codes.make([person.pk], actor="eddy", now=now or timezone.now())
    return slip.code


def activate(code: str, username: str = "student.1", password: str = PASSWORD, client: Client | None = None, **more):
    given = {"username": username, "code": code, "password1": password, "password2": password}
    return (client or Client()).post(reverse("activate"), given, **more)


def sign_in(username: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": username, "password": password})
    return client


def is_inside(client: Client) -> bool:
    return SESSION_KEY in client.session


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize(
    ("who", "is_told"),
    [
        ("student", "Student Lincoln"),
        ("teacher", "Staff Lincoln"),
        ("mother", "Parent or guardian of Ada, Lincoln"),
    ],
)
def test_somebody_of_the_roster_begins_with_a_code_and_comes_back_with_the_password(people, who, is_told):
    person, client = getattr(people, who), Client()
    code = code_for(person)
    answer = activate(code.replace("-", " ").upper(), f"{who}.1", client=client)
    assert answer["Location"] == "/"
    assert client.get("/")["Location"] == "/home/"
    assert client.get("/home/").status_code in {200, 302}
    home = client.get("/home/settings/")
    assert is_told in words(home)
    assert "no-store" in home["Cache-Control"]
    user = SignIn.objects.get(person=person).user
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)
    assert client.get("/admin/applications/").status_code == 403
    again = sign_in(f"{who}.1".upper())
    assert again.session[SESSION_KEY] == str(user.pk)
    acts = dict(AuditEvent.objects.values_list("act", "actor"))
    assert acts["made an activation code"] == "eddy"
    assert acts["used an activation code"] == acts["signed in"] == user.username
    told = str(list(AuditEvent.objects.values()))
    assert [each for each in (code, PASSWORD, f"{who}.1") if each in told] == []


def test_a_code_fits_its_person_once_until_it_ends_or_a_newer_one_is_made(people):
    def fits(code, username="student.1", now=NOW):
        return codes.waiting(username, code, now=now) is not None

    first, other = code_for(people.student, NOW), code_for(people.teacher, NOW)
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", first)
    assert fits(first)
    assert not fits(first, "teacher.1")
    assert not fits(other)
    assert not fits("")
    assert not fits(first, "nobody")
    assert fits(first, now=NOW + datetime.timedelta(days=29))
    assert not fits(first, now=NOW + datetime.timedelta(days=30))
    second = code_for(people.student, NOW)
    assert (fits(first), fits(second), fits(other, "teacher.1")) == (False, True, True)
    assert second.replace("-", "") not in str(ActivationCode.objects.values())
    codes.use(codes.waiting("student.1", second, now=NOW), PASSWORD)
    assert not fits(second)


def test_the_keyed_hash_of_a_code_needs_the_key(people, settings):
    code = code_for(people.student, NOW)
    settings.SECRET_KEY = "another key of thirty-two signs or so"
    assert codes.waiting("student.1", code, now=NOW) is None


def test_guessing_codes_is_slowed_and_locks_nobody_out_elsewhere(people):
    code = code_for(people.student)
    said = [words(activate("aaaa-bbbb-cccc", REMOTE_ADDR="192.0.2.1")) for _ in range(6)]
    assert [WRONG in each for each in said] == [True] * 5 + [False]
    assert "Too many tries" in said[-1]
    assert "Too many tries" in words(activate(code, REMOTE_ADDR="192.0.2.1"))
    assert AuditEvent.objects.filter(act="sign-in refused", object_name="unknown account").count() == 5
    assert activate(code, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_an_easy_password_does_not_use_the_code_up(people):
    code = code_for(people.student)
    assert "at least 15 characters" in words(activate(code, password="short"))
    assert "too similar to the username" in words(activate(code, password="student.1.studen"))
    assert WRONG in words(activate("aaaa-bbbb-cccc", password="short"))
    given = {"username": "student.1", "code": code, "password1": PASSWORD, "password2": ANOTHER}
    assert "The two are not the same" in words(Client().post(reverse("activate"), given))
    assert activate(code).status_code == 302


def disable(person):
    Account.objects.filter(person=person).update(enabled=False)


def end(person):
    type(person).objects.filter(pk=person.pk).update(ended_at=NOW)


def exclude(person):
    type(person).objects.filter(pk=person.pk).update(external_lms_exclude=True)


@pytest.mark.parametrize("close", [disable, end, exclude])
def test_whom_the_roster_closes_is_out_at_once_and_stays_out(people, close):
    running, late = Client(), code_for(people.teacher)
    activate(code_for(people.student), client=running)
    assert running.get("/home/").status_code == 200
    close(people.student)
    close(people.teacher)
    assert running.get("/home/")["Location"].startswith("/account/sign-in/")
    assert not is_inside(sign_in("student.1"))
    with_passkey = perform_login(running.get("/").wsgi_request, Login(SignIn.objects.get().user))
    assert with_passkey["Location"] == reverse("account_inactive")
    assert WRONG in words(activate(late, "teacher.1"))
    assert codes.make([people.student.pk, people.teacher.pk], actor="eddy", now=NOW) == []
    Account.objects.update(enabled=True)
    type(people.student).objects.update(ended_at=None, external_lms_exclude=False)
    assert running.get("/home/").status_code == 302
    assert is_inside(sign_in("student.1"))


def test_a_new_code_replaces_a_forgotten_password_and_no_second_step(people):
    running = Client()
    activate(code_for(people.student), client=running)
    user = SignIn.objects.get().user
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    newer = code_for(people.student)
    assert is_inside(sign_in("student.1")) is False
    assert running.get("/home/").status_code == 200
    client = Client()
    assert activate(newer, password=ANOTHER, client=client)["Location"] == reverse("mfa_authenticate")
    assert not is_inside(client)
    assert running.get("/home/").status_code == 302
    assert User.objects.get(pk=user.pk).check_password(ANOTHER)
    assert User.objects.count() == 1


def test_a_member_of_the_data_office_who_is_in_the_roster_keeps_one_user(people):
    viewer = staff("Teacher.1", Role.VIEWER)
    made_before = ActivationCode.objects.create(
        person=people.teacher, digest=codes._digest(people.teacher.pk, "abc"), expires_at=timezone.now() + codes.LASTS
    )
    assert codes.make([people.teacher.pk], actor="eddy", now=NOW) == []
    assert codes.waiting("teacher.1", "abc", now=timezone.now()) is None
    made_before.delete()
    client = sign_in("teacher.1")
    assert SignIn.objects.get(person=people.teacher).user == viewer
    assert User.objects.count() == 1
    assert client.get("/")["Location"] == "/admin/"
    assert "Staff Lincoln" in words(client.get("/home/settings/"))
    disable(people.teacher)
    assert client.get("/admin/applications/").status_code == 200
    User.objects.filter(pk=viewer.pk).update(is_staff=False)
    assert client.get("/home/").status_code == 302


def test_whoever_of_the_roster_gets_a_role_goes_on_with_the_same_name_and_no_codes(people):
    activate(code_for(people.teacher), "teacher.1")
    waits = code_for(people.teacher)
    user = SignIn.objects.get().user
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert WRONG in words(activate(waits, "teacher.1", ANOTHER))
    disable(people.teacher)
    client = sign_in("teacher.1")
    assert client.session[SESSION_KEY] == str(user.pk)
    assert "How teacher.1 signs in" in words(client.get(reverse("mfa_index")))


def test_the_roster_cannot_take_the_name_of_somebody_in_the_office(people):
    activate(code_for(people.student))
    Account.objects.filter(person=people.student).update(username="olga")
    olga = staff("olga", Role.OFFICER)
    assert sign_in("olga").session[SESSION_KEY] == str(olga.pk)
    assert codes.make([people.student.pk], actor="eddy", now=NOW) == []


def test_usernames_may_change_hands(people):
    activate(code_for(people.student))
    activate(code_for(people.teacher), "teacher.1", ANOTHER)
    students, teachers = (SignIn.objects.get(person=each).user for each in (people.student, people.teacher))
    Account.objects.filter(person=people.teacher).update(username="t.2")
    Account.objects.filter(person=people.student).update(username="teacher.1")
    assert sign_in("teacher.1").session[SESSION_KEY] == str(students.pk)
    assert sign_in("t.2", ANOTHER).session[SESSION_KEY] == str(teachers.pk)
    assert not is_inside(sign_in("student.1"))


def test_a_username_of_two_people_opens_nothing_until_it_is_put_right(people, office):
    code = code_for(people.student)
    Account.objects.filter(person=people.teacher).update(username="STUDENT.1")
    assert WRONG in words(activate(code))
    assert codes.make([people.student.pk], actor="eddy", now=NOW) == []
    assert "Somebody else has this username too" in words(show(office, state="without"))
    disable(people.teacher)
    assert activate(code).status_code == 302


def test_who_was_switched_off_in_the_office_stays_so(people):
    activate(code_for(people.student))
    waits = code_for(people.student)
    User.objects.filter(roster_tie__person=people.student).update(is_active=False)
    assert WRONG in words(activate(waits))
    assert not is_inside(sign_in("student.1"))
    assert codes.make([people.student.pk], actor="eddy", now=NOW) == []


def show(client: Client, kind: str = "student", state: str = "new", **more: Any) -> Any:
    return client.post(reverse("admin:activation_codes"), {"kind": kind, "state": state, "act": "show", **more})


def listed(answer: Any) -> set[str]:
    assert answer.status_code == 200
    return set(re.findall(r"<td>([\w.@]+)</td>", answer.content.decode()))


def test_the_office_finds_people_by_what_they_are_where_and_how_they_are_called(people, office):
    washington = make.CalendarFactory(school__name="Washington")
    boy = make.EnrollmentFactory(calendar=washington, person__given_name="Ben").person
    Account.objects.create(person=boy, username="boy.1")
    there, here = {"school": washington.school_id}, {"school": people.school.pk}
    assert listed(show(office)) == {"student.1", "boy.1"}
    assert listed(show(office, **there)) == {"boy.1"}
    assert listed(show(office, words="ben")) == {"boy.1"}
    assert listed(show(office, "staff", **here)) == {"teacher.1"}
    assert listed(show(office, "staff", **there)) == set()
    assert listed(show(office, "family", **here)) == {"mother.1"}
    assert "Nobody fits" in words(show(office, "family", **there))
    code_for(people.student)
    assert listed(show(office)) == {"boy.1"}
    assert listed(show(office, state="without")) == {"student.1", "boy.1"}
    activate(code_for(people.student))
    assert listed(show(office, state="without")) == {"boy.1"}
    assert listed(show(office, state="all")) == {"student.1", "boy.1"}


def test_a_password_manager_is_told_the_username_of_the_roster(people):
    client = Client()
    activate(code_for(people.student), client=client)
    assert "How student.1 signs in" in words(client.get(reverse("mfa_index")))
    assert (
        'autocomplete="username" value="student.1"' in client.get(reverse("account_change_password")).content.decode()
    )
    assert "student.1" in client.get(reverse("mfa_activate_totp")).context["totp_url"]


def test_codes_are_shown_once_as_slips_or_as_a_file(people, office, settings):
    settings.PUBLIC_URL = "https://portal.example.org"
    second_step(office)
    type(people.student).objects.filter(pk=people.student.pk).update(given_name="=cmd", email="s@lincoln.example")
    chosen = {"kind": "student", "state": "new", "person": [people.student.pk, people.mother.pk]}
    sheet = office.post(reverse("admin:activation_codes"), {**chosen, "act": "print"})
    assert "no-store" in sheet["Cache-Control"]
    shown = re.findall(r'<code class="slip-code">([^<]+)</code>', sheet.content.decode())
    assert len(shown) == 2
    assert "https://portal.example.org/account/activate " in words(sheet)
    assert [each for each in shown if each in words(show(office, state="without"))] == []
    file = office.post(reverse("admin:activation_codes"), {**chosen, "act": "csv"})
    assert "no-store" in file["Cache-Control"]
    rows = {row["username"]: row for row in csv.DictReader(io.StringIO(file.content.decode()))}
    assert rows["student.1"]["name"].startswith("'=cmd")
    assert rows["student.1"]["email"] == "s@lincoln.example"
    assert WRONG in words(activate(shown[0], "student.1"))
    assert activate(rows["student.1"]["code"]).status_code == 302
    nobody = office.post(reverse("admin:activation_codes"), {"kind": "family", "state": "all", "act": "print"})
    assert "Nobody was ticked" in words(nobody)


def test_the_list_asks_as_often_for_many_as_for_one(people, office):
    def questions() -> int:
        with CaptureQueriesContext(database) as caught:
            show(office, state="all")
        return len(caught)

    few = questions()
    for number in range(4):
        person = make.EnrollmentFactory(calendar=people.calendar).person
        Account.objects.create(person=person, username=f"more.{number}")
    assert len(listed(show(office, state="all"))) == 5
    assert questions() == few
