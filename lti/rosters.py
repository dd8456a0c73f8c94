"""Who is in a section, as a tool is told (Names and Role Provisioning Services); and what changed since it was told."""

import datetime as dt
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from gradebook.teaching.access import on
from lti import access, people
from lti.models import MemberSnapshot, Tool
from lti.protocol import members
from lti.protocol.members import Member
from lti.protocol.names import Role
from roster.models import Person, Section
from roster.signin.people import moment
from roster.visibility import SECTION_STAFF, passing

KEPT = dt.timedelta(days=30)
"""How long differences can be told from what a tool read."""


@dataclass(frozen=True)
class Answer:
    """Members as they are told, and the number of the snapshot from which differences can be asked next."""

    members: list[dict[str, Any]]
    snapshot: int


def current(tool: Tool, section: Section, now: dt.datetime) -> list[Member]:
    """Return teachers and students who are in the section today and are shared, in the order of their pseudonyms."""
    today = moment(now)
    if today is None:
        return []
    staff = passing(SECTION_STAFF, today).filter(on(today.today), section=section).exclude(kind="other")
    roles = dict.fromkeys(access.entries(section.pk, today).values_list("person", flat=True), Role.LEARNER)
    roles |= dict.fromkeys(staff.values_list("person", flat=True), Role.INSTRUCTOR)
    known = people.subjects(tool, roles)
    rows = Person.objects.filter(pk__in=roles).select_related(None)
    found = [Member(people.told(tool, row, known[row.pk]), roles[row.pk]) for row in rows]
    return sorted(found, key=lambda each: each.person.subject)


def all_members(tool: Tool, section: Section, now: dt.datetime, role: str = "") -> Answer:
    """Return everybody in the section, or everybody of a role."""
    there = current(tool, section, now)
    snapshot = _remembered(tool, section, there, now)
    return Answer([each.told for each in there if not role or each.role.is_called(role)], snapshot)


def differences(tool: Tool, section: Section, since: int, now: dt.datetime, role: str = "") -> Answer | None:
    """Return who came, changed or went since a snapshot; None when it is not known any more."""
    before = MemberSnapshot.objects.filter(pk=since, tool=tool, section=section).first()
    if before is None:
        return None
    there = current(tool, section, now)
    new = [each for each in there if before.told.get(each.person.subject) != _mark(each)]
    here = {each.person.subject for each in there}
    went = [members.gone(subject, Role[mark[1]]) for subject, mark in before.told.items() if subject not in here]
    snapshot = _remembered(tool, section, there, now)
    told = sorted([*new, *went], key=lambda each: each.person.subject)
    return Answer([each.told for each in told if not role or each.role.is_called(role)], snapshot)


def _remembered(tool: Tool, section: Section, there: list[Member], now: dt.datetime) -> int:
    told = {each.person.subject: _mark(each) for each in there}
    kept = MemberSnapshot.objects.filter(tool=tool, section=section)
    newest = kept.order_by("-pk").first()
    if newest is not None and newest.told == told:
        kept.filter(pk=newest.pk).update(at=now)
        return newest.pk
    return MemberSnapshot.objects.create(tool=tool, section=section, told=told, at=now).pk


def _mark(member: Member) -> list[str]:
    return [blake2b(orjson.dumps(member.told), digest_size=12).hexdigest(), member.role.name]
