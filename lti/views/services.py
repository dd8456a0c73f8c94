"""Assignment and Grade Services and Names and Role Provisioning Services: the addresses of one section.

Each answer is about a section the tool has a place in and, of its line items, only about the tool's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from connections.models import SharingSettings
from connections.oauth2 import refusal
from gradebook import rules
from interop.oneroster.middleware import request_id_of
from lti import access, addresses, offering, people, rosters, scoring, services
from lti.models import LineItem, Pseudonym, ResourceLink, Tool
from lti.protocol import custom, grades, members, names
from lti.protocol.grades import Malformed
from lti.views import limiting
from lti.views.programs import Unreadable, bearer, document, stopped, unauthorized
from roster.models import Section
from roster.signin.people import moment

SAFE = frozenset({"GET", "HEAD"})
USUAL, MOST = 100, 1000
JSON = "application/json"
Scopes = Sequence[str]


@dataclass(frozen=True)
class Reply:
    """What is answered: a document of a media type, how many records it tells, and where there is more."""

    told: Any = None
    media: str = JSON
    status: int = 200
    records: int = 0
    links: Mapping[str, str] = field(default_factory=dict)


class Call(NamedTuple):
    """A call that is let in: whose, about which section."""

    request: HttpRequest
    tool: Tool
    section: Section


Work = Callable[..., Reply]


class _WrongType(Exception):
    """The body is of another media type."""


_REFUSALS: dict[type[BaseException], tuple[int, str, str]] = {
    Malformed: (400, "invalid_request", ""),
    Unreadable: (400, "invalid_request", ""),
    _WrongType: (415, "invalid_request", ""),
    LookupError: (404, "not_found", "There is no such thing for this tool."),
    scoring.NotTheirs: (403, "forbidden", "A teacher made this; the tool may not change it."),
    scoring.NotALearner: (403, "forbidden", "The person does not sit in this section as a student."),
    scoring.Older: (409, "conflict", "A score of this moment, or of a later one, is there already."),
    rules.Refused: (422, "refused", ""),
}


def service(operation: str, **methods: tuple[Scopes, Work]) -> Callable[..., HttpResponse]:
    """Return the view of an address: by method, the scopes of which one is needed, and what answers."""

    def view(request: HttpRequest, section: int, **parts: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in methods:
            return HttpResponseNotAllowed(sorted(methods))
        who = limiting.program(request)
        if (wait := limiting.still_waits(who)) is not None:
            return limiting.too_often(wait)
        district = SharingSettings.load()
        if district.stopped:
            return stopped()
        caller = services.caller(bearer(request), district, timezone.now())
        if caller is None:
            return unauthorized("The access token is missing, has ended, or opens nothing any more.")
        if method not in SAFE and district.writes_stopped:
            return stopped()
        scopes, work = methods[method]

        def answer() -> HttpResponse:
            found, records = _answered(request, caller, section, scopes, work, parts)
            services.note(
                caller.tool, f"{method} {operation}", found.status_code, section=section, records=records,
                address=str(request.META.get("REMOTE_ADDR", "")), request_id=request_id_of(request),
            )  # fmt: skip
            return found

        return limiting.counted(caller.tool, district, answer, who)

    opened: Callable[..., HttpResponse] = csrf_exempt(login_not_required(view))
    return opened


def _answered(
    request: HttpRequest, caller: services.Caller, section: int, scopes: Scopes, work: Work, parts: Mapping[str, Any]
) -> tuple[HttpResponse, int]:
    """Return the answer, and how many records are in it."""
    if not caller.scopes.intersection(scopes):
        return refusal(403, "insufficient_scope", f"This needs one of these scopes: {' '.join(scopes)}."), 0
    there = services.place(caller.tool, section, timezone.now())
    if there is None:
        return refusal(404, "not_found", "There is no such section for this tool."), 0
    try:
        with transaction.atomic():
            reply = work(Call(request, caller.tool, there), **parts)
    except tuple(_REFUSALS) as wrong:
        return _refused(wrong), 0
    return _response(reply), reply.records


def _refused(wrong: BaseException) -> HttpResponse:
    """Return the answer to a call that is not done."""
    if isinstance(wrong, rules.Refused):
        said = "; ".join(rules.sentence(note.stored) for notes in wrong.notes.values() for note in notes)
        return refusal(wrong.status, "refused", said)
    status, error, said = next(_REFUSALS[kind] for kind in type(wrong).__mro__ if kind in _REFUSALS)
    return refusal(status, error, said or str(wrong))


def _response(reply: Reply) -> HttpResponse:
    body = b"" if reply.told is None else orjson.dumps(reply.told)
    answer = HttpResponse(body, status=reply.status, content_type=reply.media)
    if reply.links:
        answer.headers["Link"] = ", ".join(f'<{url}>; rel="{name}"' for name, url in reply.links.items())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _body(request: HttpRequest, media: str) -> object:
    """Return the document of a request of this media type. Raises _WrongType, Unreadable."""
    if request.content_type not in {media, JSON}:
        raise _WrongType(f"Send {media}.")
    return document(request)


# Line items


def _list_items(call: Call) -> Reply:
    """GET lineitems: the tool's own, filtered, a page at a time."""
    found = offering.line_items_of(call.tool, call.section.pk).order_by("pk")
    asked = call.request.GET
    for name, column in (("resource_link_id", "link__guid"), ("resource_id", "resource_id"), ("tag", "tag")):
        if name in asked:
            found = found.filter(**{column: asked[name].replace("\0", "")})
    limit, after = _limit(call), _number(call, "after")
    rows = [*found.filter(pk__gt=after)[: limit + 1]]
    told = [_item(call, row) for row in rows[:limit]]
    return Reply(told, names.LINE_ITEMS_TYPE, records=len(told), links=_next(call, rows, limit, "after", "pk"))


def _add_item(call: Call) -> Reply:
    """POST lineitems: a new assignment of the tool's."""
    wanted = _wanted(call)
    made = scoring.create(call.tool, call.section.pk, wanted, timezone.now())
    return Reply(_item(call, made), names.LINE_ITEM_TYPE, 201, 1)


def _read_item(call: Call, item: int) -> Reply:
    return Reply(_item(call, _own(call, item)), names.LINE_ITEM_TYPE, records=1)


def _change_item(call: Call, item: int) -> Reply:
    wanted = _wanted(call)
    return Reply(_item(call, scoring.change(_own(call, item), wanted, timezone.now())), names.LINE_ITEM_TYPE, records=1)


def _delete_item(call: Call, item: int) -> Reply:
    scoring.delete(_own(call, item))
    return Reply(status=204)


def _wanted(call: Call) -> grades.LineItem:
    told = _body(call.request, names.LINE_ITEM_TYPE)
    return grades.read_line_item(told, loopback=settings.LTI_ALLOW_PRIVATE_TOOLS)


def _own(call: Call, item: int) -> LineItem:
    """Return a line item of this tool in this section. Raises LookupError."""
    found = offering.line_items_of(call.tool, call.section.pk).filter(pk=item).first()
    if found is None:
        raise LookupError
    return found


def _item(call: Call, row: LineItem) -> dict[str, Any]:
    return grades.line_item(addresses.line_item(call.section.pk, row.pk), scoring.told(row))


# Scores and results


def _add_score(call: Call, item: int) -> Reply:
    """POST scores: what the tool says of one student's work."""
    score = grades.read_score(_body(call.request, names.SCORE_TYPE))
    row, now = _own(call, item), timezone.now()
    known = Pseudonym.objects.filter(tool=call.tool, value=score.user).first()
    if known is None:
        raise LookupError
    today = moment(now)
    if today is None or not access.entries(call.section.pk, today).filter(person=known.person_id).exists():
        raise scoring.NotALearner
    scoring.put_score(row, known.person_id, score, now)
    return Reply(status=204, records=1)


def _results(call: Call, item: int) -> Reply:
    """GET results: what the grade book shows, of students the tool knows."""
    row, today = _own(call, item), moment(timezone.now())
    if today is None:
        raise LookupError
    seated = access.entries(call.section.pk, today).values("person")
    known = Pseudonym.objects.filter(tool=call.tool, person__in=seated)
    if "user_id" in call.request.GET:
        known = known.filter(value=call.request.GET["user_id"].replace("\0", ""))
    subjects = dict(known.values_list("person", "value"))
    limit, url = _limit(call), addresses.line_item(call.section.pk, row.pk)
    rows = [*scoring.results(row, subjects).filter(pk__gt=_number(call, "after"))[: limit + 1]]
    told = [
        grades.result(
            f"{url}/results?{urlencode({'user_id': subjects[each.person_id]})}", of=url, user=subjects[each.person_id],
            score=each.score, most=scoring.most_of(row), comment=each.comment,
        )
        for each in rows[:limit] if each.score is not None
    ]  # fmt: skip
    return Reply(told, names.RESULTS_TYPE, records=len(told), links=_next(call, rows, limit, "after", "pk"))


# Members


def _members(call: Call) -> Reply:
    """GET members: who is in the section, or what changed `since`; with `rlid` as for the launch of one link."""
    asked, now = call.request.GET, timezone.now()
    link = _link(call, asked["rlid"]) if "rlid" in asked else None
    role, since = asked.get("role", ""), _number(call, "since")
    found = (
        rosters.differences(call.tool, call.section, since, now, role) if "since" in asked
        else rosters.all_members(call.tool, call.section, now, role)
    )  # fmt: skip
    if found is None:
        raise LookupError
    limit, after = _limit(call), asked.get("after", "")
    rest = [each for each in found.members if each["user_id"] > after]
    page = rest[:limit]
    snapshot = _number(call, "snapshot") or found.snapshot
    links = {}
    if len(rest) > limit:
        links["next"] = _url(call, after=page[-1]["user_id"], snapshot=snapshot)
    elif not role:
        links["differences"] = f"{addresses.members(call.section.pk)}?{urlencode({'since': snapshot})}"
    if link is not None:
        told = custom.filled({**call.tool.custom, **link.custom}, {})
        page = [members.with_message(each, told) for each in page]
    whole = members.document(_url(call), people.context(call.tool, call.section), page)
    return Reply(whole, names.MEMBERS_TYPE, records=len(page), links=links)


def _link(call: Call, guid: str) -> ResourceLink:
    """Return a link of this tool in this section. Raises LookupError."""
    found = ResourceLink.objects.filter(tool=call.tool, section=call.section, guid=guid.replace("\0", "")).first()
    if found is None:
        raise LookupError
    return found


# Pages


def _limit(call: Call) -> int:
    """Return how many are told at once. Raises Malformed."""
    return min(_number(call, "limit") or USUAL, MOST)


def _number(call: Call, name: str) -> int:
    """Return a number of the address, 0 without it. Raises Malformed."""
    given = call.request.GET.get(name, "0")
    if not given.isascii() or not given.isdecimal() or len(given) > 18:
        raise Malformed(f"{name} must be a number.")
    return int(given)


def _next(call: Call, rows: Sequence[Any], limit: int, name: str, key: str) -> dict[str, str]:
    """Return the link to the next page, when there is one."""
    return {"next": _url(call, **{name: getattr(rows[limit - 1], key)})} if len(rows) > limit else {}


def _url(call: Call, **more: object) -> str:
    """Return the address of this call, with other parameters."""
    asked = {**call.request.GET.dict(), **{name: str(value) for name, value in more.items()}}
    return addresses.absolute(call.request.path.partition("/lti/")[2]) + (f"?{urlencode(asked)}" if asked else "")


ITEM_READ = (names.LINE_ITEM, names.LINE_ITEM_READ)
ITEM_WRITE = (names.LINE_ITEM,)
line_items = service("lineitems", GET=(ITEM_READ, _list_items), POST=(ITEM_WRITE, _add_item))
line_item = service(
    "lineitem", GET=(ITEM_READ, _read_item), PUT=(ITEM_WRITE, _change_item), DELETE=(ITEM_WRITE, _delete_item)
)
scores = service("scores", POST=((names.SCORE,), _add_score))
results = service("results", GET=((names.RESULT_READ,), _results))
membership = service("members", GET=((names.MEMBERS_READ,), _members))
