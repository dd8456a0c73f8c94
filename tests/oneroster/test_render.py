"""Facts in, JSON out: what is written, what is left out, and what `find` remembers."""

from datetime import UTC, date, datetime, timedelta, timezone

import orjson
import pytest

from interop.oneroster.render import encode, href, projector
from roster.wire import CLASS, COURSE, DEMOGRAPHICS, ENROLLMENT, ORG, USER

NOON = datetime(2026, 9, 1, 12, 0, 0, 123999, tzinfo=UTC)


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://portal.example.org"


def head(**facts):
    return {"sourcedId": "x1", "status": "active", "dateLastModified": NOON, **facts}


def enrollment(**facts):
    return head(user="ada", **{"class": "algebra", "school": "lincoln", "role": "student"}, **facts)


def test_an_enrollment_is_written_with_absolute_references_and_text_booleans():
    doc = orjson.loads(encode(ENROLLMENT, 12, enrollment(primary=False, beginDate=date(2026, 8, 31))).doc)
    base = "https://portal.example.org/ims/oneroster/rostering/v1p2"
    assert doc == {
        "sourcedId": "x1",
        "status": "active",
        "dateLastModified": "2026-09-01T12:00:00.123Z",
        "user": {"href": f"{base}/users/ada", "sourcedId": "ada", "type": "user"},
        "class": {"href": f"{base}/classes/algebra", "sourcedId": "algebra", "type": "class"},
        "school": {"href": f"{base}/orgs/lincoln", "sourcedId": "lincoln", "type": "org"},
        "role": "student",
        "primary": "false",
        "beginDate": "2026-08-31",
    }


def test_version_1_1_has_its_own_addresses():
    doc = orjson.loads(encode(ENROLLMENT, 11, enrollment()).doc)
    assert doc["user"]["href"] == "https://portal.example.org/ims/oneroster/v1p1/users/ada"


def test_resources_live_below_their_own_service_in_1_2():
    facts = head(title="Algebra", course="c", school="s", terms=["t"], resources=["r/1"])
    reference = orjson.loads(encode(CLASS, 12, facts).doc)["resources"][0]
    assert reference["href"] == "https://portal.example.org/ims/oneroster/resources/v1p2/resources/r%2F1"


def test_an_address_quotes_everything_but_plain_characters():
    assert href(ORG, 12, "a/b @ä.~_-").endswith("/orgs/a%2Fb%20%40%C3%A4.~_-")


def test_what_is_blank_is_left_out_unless_the_version_requires_it():
    blank = {"title": "Algebra", "courseCode": None, "subjects": [], "grades": [], "org": "", "schoolYear": None}
    rendered = encode(COURSE, 12, head(**blank))
    doc = orjson.loads(rendered.doc)
    assert rendered.find == {"title": "Algebra", "courseCode": ""}
    assert set(doc) == {"sourcedId", "status", "dateLastModified", "title", "courseCode"}
    assert doc["courseCode"] == ""
    org = head(name="Lincoln", type="school")
    assert orjson.loads(encode(ORG, 12, org).doc)["identifier"] == ""
    assert "identifier" not in orjson.loads(encode(ORG, 11, org).doc)


def test_an_object_with_nothing_but_its_head_is_still_json():
    assert orjson.loads(encode(DEMOGRAPHICS, 12, head(sourcedId='a"b\\')).doc) == {
        "sourcedId": 'a"b\\',
        "status": "active",
        "dateLastModified": "2026-09-01T12:00:00.123Z",
    }


def test_a_user_has_roles_in_1_2_and_role_and_orgs_in_1_1():
    facts = head(
        username="ada",
        enabledUser=True,
        givenName="Ada",
        familyName="Byron",
        role="student",
        orgs=["lincoln"],
        roles=[{"roleType": "primary", "role": "student", "org": "lincoln", "beginDate": date(2026, 8, 31)}],
        pronouns="she",
    )
    new = orjson.loads(encode(USER, 12, facts).doc)
    assert new["roles"][0]["org"]["sourcedId"] == "lincoln"
    assert new["roles"][0]["beginDate"] == "2026-08-31"
    assert not {"role", "orgs"} & set(new)
    old = orjson.loads(encode(USER, 11, facts).doc)
    assert (old["role"], old["orgs"][0]["sourcedId"]) == ("student", "lincoln")
    assert not {"roles", "pronouns"} & set(old)


def test_find_holds_every_value_by_path_without_addresses_and_head():
    facts = head(
        enabledUser=True,
        givenName="Ada",
        familyName="Byron",
        grades=["05"],
        agents=["mum", "dad"],
        roles=[
            {"roleType": "primary", "role": "student", "org": "lincoln"},
            {"roleType": "secondary", "role": "aide", "org": "washington", "endDate": date(2027, 6, 1)},
        ],
        metadata={"team": "Blue", "interop.size": 3, "tags": ["a", "b"], "none": None},
    )
    assert encode(USER, 12, facts).find == {
        "enabledUser": "true",
        "givenName": "Ada",
        "familyName": "Byron",
        "grades": ["05"],
        "agents.sourcedId": ["mum", "dad"],
        "roles.roleType": ["primary", "secondary"],
        "roles.role": ["student", "aide"],
        "roles.org.sourcedId": ["lincoln", "washington"],
        "roles.endDate": ["2027-06-01"],
        "metadata.team": "Blue",
        "metadata.interop.size": "3",
        "metadata.tags": "a,b",
    }


def test_the_digest_ignores_when_but_nothing_else():
    first = encode(ENROLLMENT, 12, enrollment())
    later = encode(ENROLLMENT, 12, {**enrollment(), "dateLastModified": NOON + timedelta(days=1)})
    ended = encode(ENROLLMENT, 12, {**enrollment(), "status": "tobedeleted"})
    other = encode(ENROLLMENT, 12, {**enrollment(), "sourcedId": "x2"})
    assert first.digest == later.digest
    assert first.doc != later.doc
    assert len({first.digest, ended.digest, other.digest}) == 3
    assert len(first.digest) == 16


def test_moments_are_written_in_utc_whatever_their_zone():
    local = datetime(2026, 9, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    doc = orjson.loads(encode(ENROLLMENT, 12, {**enrollment(), "dateLastModified": local}).doc)
    assert doc["dateLastModified"] == "2026-08-31T23:00:00.000Z"


def test_fields_keep_only_what_was_named_in_the_order_of_the_declaration():
    doc = orjson.loads(encode(ENROLLMENT, 12, enrollment()).doc)
    kept = projector(ENROLLMENT, 12, ("role", "sourcedId", "user.sourcedId", "primary"))(doc)
    assert list(kept.items()) == [("sourcedId", "x1"), ("user", {"sourcedId": "ada"}), ("role", "student")]
