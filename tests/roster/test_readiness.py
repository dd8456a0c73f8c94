"""What a district is told to put right before vendors pull."""

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse

from interop.admin.roles import Role
from roster.models import Account, Enrollment, Person, SchoolYear
from roster.readiness import findings
from tests.roster import factories as make
from tests.roster.conftest import at


def have(username, *people):
    for person in people:
        Account.objects.create(person=person, username=username)


def test_a_district_without_faults_has_no_findings(lincoln):
    have("s.student", lincoln.student)
    have("t.teacher", lincoln.teacher)
    assert list(findings()) == []


def test_a_username_used_twice_is_an_error_and_both_stay_shared(published, lincoln):
    have("a.miller", lincoln.student)
    have("A.Miller", lincoln.teacher)
    (found,) = findings()
    assert (found.check, found.sourced_ids) == ("account.username_twice", ("student", "teacher"))
    assert "miller" not in found.sentence.lower()
    published.refresh()
    users = published.docs("user")
    assert {name: users[name]["username"] for name in found.sourced_ids} == {
        "student": "a.miller", "teacher": "A.Miller",
    }  # fmt: skip


def test_blank_usernames_and_people_no_longer_sent_are_not_counted(lincoln):
    have("", lincoln.mother, lincoln.teacher)
    have("m.mother", lincoln.student)
    gone = make.PersonFactory()
    have("m.mother", gone)
    Person.objects.filter(pk=gone.pk).update(ended_at=at())
    assert list(findings()) == []


def test_students_without_email_or_username_are_counted_those_of_other_years_are_not(lincoln):
    enrolled = [make.PersonFactory(sourced_id=f"s{number}", email="") for number in (1, 2, 3)]
    for person in enrolled:
        make.EnrollmentFactory(person=person, calendar=lincoln.calendar)
    Person.objects.filter(sourced_id="s2").update(secondary_email="b@lincoln.example")
    Enrollment.objects.filter(person__sourced_id="s3").update(no_show=True)
    have("s.student", lincoln.student)
    found = {finding.check: finding for finding in findings()}
    assert found.keys() == {"student.no_email", "student.no_username"}
    assert found["student.no_email"].sentence.startswith("1 student has no email address.")
    assert found["student.no_email"].sourced_ids == ("s1",)
    assert found["student.no_username"].sentence.startswith("2 students have no username.")
    SchoolYear.objects.update(active=False)
    assert list(findings()) == []


def test_a_refresh_of_some_people_says_what_is_wrong_with_these_alone(lincoln, capsys):
    def refreshed() -> str:
        call_command("refresh_cache", "--yes")
        return capsys.readouterr().out

    have("a.miller", lincoln.student, lincoln.teacher)
    assert "same username" in refreshed()
    make.EnrollmentFactory(person=make.PersonFactory(email=""), calendar=lincoln.calendar)
    told = refreshed()
    assert "1 student has no email address" in told
    assert "same username" not in told
    Person.objects.filter(pk=lincoln.teacher.pk).update(given_name="Grace")
    told = refreshed()
    assert "2 people have the same username" in told
    assert "no email address" not in told


def test_everybody_sees_what_is_wrong_and_editors_the_people(lincoln, client):
    have("a.miller", lincoln.student, lincoln.teacher)
    lists = reverse("admin:readiness_list", args=["person.username_twice"])
    for role, sees in ((Role.VIEWER, False), (Role.EDITOR, True)):
        user = User.objects.create_user(role.value, is_staff=True)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(user)
        told = client.get(reverse("admin:readiness")).content.decode()
        assert "People who share a username" in told
        assert (lists in told) == sees
        assert "miller" not in told
        assert client.get(lists).status_code == (200 if sees else 403)


def test_a_refresh_says_what_should_be_put_right(lincoln, capsys):
    have("a.miller", lincoln.student, lincoln.teacher)
    call_command("refresh_cache", "--yes")
    told = capsys.readouterr().out
    assert "Put right: 2 people have the same username." in told
    assert "(student, teacher)" in told
