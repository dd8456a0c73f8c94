"""Words are found in any part of the text of records, and by an index."""

import pytest
from django.db import connection

from roster.models import Account, Person, RosterEntry
from roster.models.people import PERSON_TEXT
from roster.screens.data.kinds import BY_NAME, KINDS
from roster.searching import bearing, like, set_likeness
from tests.roster import factories as make

OF_PEOPLE = (*PERSON_TEXT, "account__username")


@pytest.fixture
def zoe(db) -> Person:
    person = make.PersonFactory(given_name="Zoé", family_name="Ångström", local_id="4711", email="zoe@lincoln.example")
    Account.objects.create(person=person, username="z.angstrom")
    make.PersonFactory(given_name="Other", family_name="Person")
    return person


@pytest.mark.parametrize("word", ["zoÉ", "ÅNGS", "711", "ZOE@LINCOLN", "z.angs", "zo", "é", "%_\\ no"])
def test_a_word_is_found_in_any_part_capitals_aside(zoe, word):
    found = Person.objects.filter(bearing(Person, OF_PEOPLE, word))
    assert list(found) == ([] if "no" in word else [zoe])


def test_what_is_spelled_nearly_like_it_is_found_from_the_likeness_on_that_was_set(zoe):
    def found(word: str, likeness: float) -> list[Person]:
        set_likeness(likeness)
        return list(Person.objects.filter(like(Person, OF_PEOPLE, [word])))

    assert found("Ångstrom", 0.45) == [zoe]
    assert found("Ångstrom", 0.95) == []


def test_every_list_that_is_searched_finds_a_record_by_its_own_words(lincoln):
    Account.objects.create(person=lincoln.student, username="s.lincoln")
    searched = [kind for kind in KINDS if kind.search]
    assert len(searched) > 12
    for kind in searched:
        row = kind.model._default_manager.order_by("pk").first()
        if row is not None:
            values = kind.model._default_manager.filter(pk=row.pk).values_list(*kind.search)[0]
            for word in filter(None, map(str, values)):
                assert row in kind.model._default_manager.filter(bearing(kind.model, kind.search, word)), kind.name


def test_people_usernames_and_sections_are_found_by_an_index_from_wherever_they_are_looked_for(db):
    with connection.cursor() as cursor:  # of tables as small as these the database would rather read every row
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    for rows, kind, indexes in (
        (Person, BY_NAME["people"], ("person", "account")),
        (RosterEntry, BY_NAME["roster-entries"], ("person", "section")),
    ):
        for condition in (bearing(rows, kind.search, "ellis"), like(rows, kind.search, ["ellis"])):
            plan = rows.objects.filter(condition).explain()
            for index in indexes:
                assert f"Bitmap Index Scan on roster_{index}_text" in plan
