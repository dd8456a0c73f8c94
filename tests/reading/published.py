"""A published district of two schools, written straight into the tables that vendors read."""

import datetime as dt
from collections.abc import Iterator
from itertools import count
from typing import Any

from connections.grants import Grant
from interop.dates import milliseconds
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY
from roster.endpoints import ENDPOINTS
from roster.models import Body, Edition, Record
from roster.publishing.draft import tokens

LINCOLN, WASHINGTON = 1, 2
MOMENT = dt.datetime(2026, 9, 1, 6, 0, tzinfo=dt.UTC)
numbers: Iterator[int] = count(1)
SCOPES = frozenset(scope for endpoint in ENDPOINTS for scope in endpoint.scopes_in(12))


def publish(
    kind: str,
    sourced_id: str,
    *,
    schools: tuple[int, ...] = (),
    former: tuple[int, ...] = (),
    audience: str = "",
    status: str = "active",
    secondary: str = "",
    version: int = 12,
    modified: dt.datetime = MOMENT,
    **facts: Any,
) -> Record:
    """Write one record as the publisher does."""
    if "class_" in facts:
        facts["class"] = facts.pop("class_")
    told = {"sourcedId": sourced_id, "status": status, "dateLastModified": modified, **facts}
    rendered = encode(REGISTRY[kind], version, told)
    find = rendered.find | ({"_secondaryEmail": secondary} if secondary else {})
    if former:
        find["_left"] = dict.fromkeys(tokens((school, audience) for school in former), milliseconds(modified))
    number = next(numbers)
    Body.objects.create(id=number, doc=rendered.doc)
    return Record.objects.create(
        id=number, version=version, object=kind, sourced_id=sourced_id, status=status, modified=modified,
        school=schools[0] if schools else None, others=list(schools[1:]) or None, former=list(former) or None,
        audience=audience, digest=rendered.digest, find=find,
    )  # fmt: skip


def user(sourced_id: str, *roles: tuple[str, str], schools: tuple[int, ...], **facts: Any) -> Record:
    """Write a user with (role, org) pairs."""
    entries = [
        {"roleType": "primary" if at == 0 else "secondary", "role": role, "org": org}
        for at, (role, org) in enumerate(roles)
    ]
    names = {"givenName": f"Given {sourced_id}", "familyName": f"Family {sourced_id}", "username": sourced_id}
    return publish("user", sourced_id, schools=schools, enabledUser=True, roles=entries, **{**names, **facts})


def grant(**changes: Any) -> Grant:
    """Return a grant to the whole district with every scope and switch, but for the changes."""
    facts: dict[str, Any] = {
        "connection": 7, "credential": None, "version": 12, "scopes": SCOPES, "schools": None, "guardians": True,
        "relatives": True, "secondary_email": False, "demographics": True, "changed": 1, "expires_at": None,
    }  # fmt: skip
    return Grant(**{**facts, **changes})


def publish_district() -> None:
    """Lincoln and Washington, their classes and people; some people belong to both."""
    # the edition connections were served first: whoever has left since is told of
    Edition.objects.create(number=1, published_at=MOMENT - dt.timedelta(hours=1), counts={}, fingerprint="x")
    publish("org", "d", name="District", type="district", children=["lincoln", "washington"])
    for name, number in (("lincoln", LINCOLN), ("washington", WASHINGTON)):
        publish("org", name, schools=(number,), name=name.title(), type="school", parent="d")
    publish(
        "academicSession", "t1", schools=(LINCOLN, WASHINGTON), title="Term", type="term", startDate="2026-08-01",
        endDate="2026-12-20", schoolYear="2027", children=["p1", "p2"],
    )  # fmt: skip
    for name, number in (("p1", LINCOLN), ("p2", WASHINGTON)):
        publish(
            "academicSession", name, schools=(number,), title=name, type="gradingPeriod", startDate="2026-08-01",
            endDate="2026-10-20", schoolYear="2027", parent="t1",
        )  # fmt: skip
    publish("course", "algebra", title="Algebra", org="d", orgs=["d"])
    for name, school, number in (("c-l", "lincoln", LINCOLN), ("c-w", "washington", WASHINGTON)):
        publish(
            "class", name, schools=(number,), title=name, classType="scheduled", course="algebra", school=school,
            terms=["t1"],
        )  # fmt: skip
    user("amy", ("student", "lincoln"), schools=(LINCOLN,), email="amy@x.example", agents=["mum"])
    user("ben", ("student", "washington"), schools=(WASHINGTON,), email="ben@x.example", agents=["mum"])
    user("two", ("student", "lincoln"), ("student", "washington"), schools=(LINCOLN, WASHINGTON))
    user("mix", ("student", "washington"), ("teacher", "lincoln"), schools=(LINCOLN, WASHINGTON))
    user("mum", ("guardian", "lincoln"), ("guardian", "washington"), schools=(LINCOLN, WASHINGTON),
         audience="guardian", agents=["amy", "ben"])  # fmt: skip
    user("gone", ("student", "washington"), schools=(WASHINGTON,), former=(LINCOLN,), email="gone@x.example")
    enroll("e1", "amy", "c-l", "lincoln", "student", LINCOLN)
    enroll("e2", "ben", "c-w", "washington", "student", WASHINGTON)
    enroll("e3", "two", "c-l", "lincoln", "student", LINCOLN)
    enroll("e4", "two", "c-w", "washington", "student", WASHINGTON)
    enroll("e5", "mix", "c-l", "lincoln", "teacher", LINCOLN)
    enroll("e6", "mix", "c-w", "washington", "student", WASHINGTON)
    enroll("e7", "gone", "c-l", "lincoln", "student", LINCOLN, status="tobedeleted")


def enroll(sourced_id: str, person: str, section: str, school: str, role: str, number: int, **more: Any) -> Record:
    """Write an enrollment."""
    return publish(
        "enrollment", sourced_id, schools=(number,), user=person, class_=section, school=school, role=role, **more
    )
