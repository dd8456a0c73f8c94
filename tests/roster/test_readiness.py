"""What a district is told to put right before vendors pull."""

from django.core.management import call_command

from roster.models import Account, Person
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
    assert found.sourced_ids == ("student", "teacher")
    assert "miller" not in found.sentence.lower()
    published.refresh()
    users = published.docs("user")
    assert {name: users[name]["username"] for name in found.sourced_ids} == {
        "student": "a.miller", "teacher": "A.Miller",
    }  # fmt: skip


def test_blank_usernames_and_people_no_longer_sent_are_not_counted(lincoln):
    have("", lincoln.student, lincoln.teacher)
    gone = make.PersonFactory()
    have("m.mother", lincoln.mother, gone)
    Person.objects.filter(pk=gone.pk).update(ended_at=at())
    assert list(findings()) == []


def test_a_refresh_says_what_should_be_put_right(lincoln, capsys):
    have("a.miller", lincoln.student, lincoln.teacher)
    call_command("refresh_cache", "--yes")
    told = capsys.readouterr().out
    assert "Put right: 2 people have the same username." in told
    assert "(student, teacher)" in told
