"""Launches: begun in somebody's session, asked for once by the tool, answered with a signed id_token.

Browsers keep our session's cookie from us when a tool sends them back, in frames most of all. So the person is known by
a one-time hint that only the browser of the session was given; where the cookie does come it must be of that session.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from gradebook.models import Assignment
from lti import access, addresses, keys, marks, people, services, trying
from lti.access import Closed, Opening, Wish
from lti.models import Launch, LineItem, Tool
from lti.protocol import claims, custom, login, names
from lti.protocol.claims import Link, Services
from lti.protocol.login import Unanswerable, Wrong
from lti.protocol.moments import written
from lti.protocol.names import Role
from roster.district import name as district_name

LIVES = dt.timedelta(minutes=3)
"""How long a launch may take from the click to the tool."""
CHOOSING = dt.timedelta(hours=2)
"""How long a teacher may take to choose content."""


@dataclass(frozen=True)
class Browser:
    """Who asks: the session's key and its user; blank and None when no cookie came."""

    session: str
    user: User | None

    @property
    def digest(self) -> bytes:
        """What is kept of the session."""
        return digest(self.session)


@dataclass(frozen=True)
class Form:
    """A form the browser sends to the tool by itself."""

    url: str
    fields: Mapping[str, str]
    tool: Tool


def digest(word: str) -> bytes:
    """Return what is kept of a one-time word."""
    return sha256(word.encode("utf-8", "surrogatepass")).digest()


def begin(browser: Browser, wish: Wish, now: dt.datetime, *, assignment: Assignment | None = None) -> Launch:
    """Begin a launch: of a link or, without one, of choosing content (for `assignment`). Raises Closed."""
    opening = access.opening(wish, now)
    if wish.link is None and (wish.role is not Role.INSTRUCTOR or not wish.tool.chooses_content):
        raise Closed(_("No content can be chosen in %s.") % wish.tool.name)
    if assignment is not None and (assignment.section_id != opening.section.pk or assignment.deleted_at is not None):
        raise Closed(_("The assignment is no longer there."))
    kind = Launch.Kind.REVIEW if wish.student else Launch.Kind.LINK if wish.link else Launch.Kind.CONTENT
    return _begun(
        browser, wish.tool, wish.role, now, kind=kind, link=wish.link, section=opening.section, assignment=assignment,
        person=wish.person, user=wish.user, student=wish.student,
    )  # fmt: skip


def try_out(browser: Browser, tool: Tool, now: dt.datetime) -> Launch:
    """Begin the launch of an office member who tries a tool. Raises Closed."""
    trying.check(tool, browser.user)
    return _begun(browser, tool, Role.ADMINISTRATOR, now, kind=Launch.Kind.TRIAL, user=browser.user)


def _begun(browser: Browser, tool: Tool, role: Role, now: dt.datetime, **facts: Any) -> Launch:
    return Launch.objects.create(
        guid=token_urlsafe(24), tool=tool, role=role.name, framed=tool.opens_in == Tool.OpensIn.FRAME,
        session=browser.digest, begun_at=now, expires_at=now + LIVES, **facts,
    )  # fmt: skip


def begun(browser: Browser, guid: str, now: dt.datetime) -> Launch:
    """Return a launch of this session that may still go on. Raises Closed."""
    found = Launch.objects.filter(
        guid=guid, user=browser.user, session=browser.digest, used_at=None, expires_at__gt=now
    ).select_related("tool", "link__assignment", "section", "person", "student", "user").first()  # fmt: skip
    if found is None:
        raise Closed(_("This way into the tool is over. Go back and open it again."))
    still_open(found, now)
    return found


def first_form(launch: Launch) -> Form:
    """Return the form that asks the tool to ask us; each time with other hints, of which the last ones count."""
    hint, launch.login_hint = token_urlsafe(32), token_urlsafe(24)
    launch.hint = digest(hint)
    launch.save(update_fields=["hint", "login_hint"])
    tool = launch.tool
    fields = login.beginning(
        issuer=addresses.issuer(), client_id=tool.client_id, deployment_id=tool.deployment_id, target=target(launch),
        login_hint=launch.login_hint, message_hint=hint, framed=launch.framed,
    )  # fmt: skip
    return Form(tool.login_url, fields, tool)


def target(launch: Launch) -> str:
    """Return what of the tool is opened."""
    if launch.kind == Launch.Kind.CONTENT:
        return launch.tool.content_url or launch.tool.launch_url
    review = _review(launch)
    return str(review.get("url") or (launch.link.url if launch.link else "") or launch.tool.launch_url)


def _review(launch: Launch) -> dict[str, Any]:
    """Return what the line item says about seeing work again, when that is what the launch is for."""
    if launch.kind != Launch.Kind.REVIEW:
        return {}
    told = LineItem.objects.filter(link=launch.link, tool=launch.tool).values_list("review", flat=True).first()
    return told or {}


def answer(asked: Mapping[str, list[str]], browser: Browser, now: dt.datetime) -> Form:
    """Return the form that answers the tool's request: an id_token, or an error. Raises Unanswerable.

    Nothing is ever sent to an address that is not registered for the tool, nor to a tool that is switched off.
    """
    request = login.asked(asked)
    tool = Tool.objects.filter(client_id=request.client_id).first()
    if tool is None:
        raise Unanswerable(_("No tool of this name is known here."))
    login.check_redirect(request.redirect_url, tool.redirect_urls)
    try:
        access.check_tool(tool, SharingSettings.load())
    except Closed as closed:
        raise Unanswerable(str(closed)) from closed
    state = {"state": request.state} if request.state else {}
    try:
        login.check(asked, request)
        launch = _taken(tool, request, browser, now)
        opening = still_open(launch, now)
    except Wrong as wrong:
        return Form(request.redirect_url, {"error": wrong.error, "error_description": str(wrong), **state}, tool)
    except Closed as closed:
        told_error = {"error": "unauthorized_client", "error_description": str(closed)}
        return Form(request.redirect_url, {**told_error, **state}, tool)
    told = _claims(launch, opening, request.nonce, now) if opening else trying.told(launch, request.nonce, now)
    token = keys.signed(told, now)
    Tool.objects.filter(pk=tool.pk).update(last_used_at=now)
    services.note(tool, f"launch {launch.role}", 200, section=launch.section_id, records=1)
    return Form(request.redirect_url, {"id_token": token, **state}, tool)


def still_open(launch: Launch, now: dt.datetime) -> Opening | None:
    """Return what a launch opens, asked about anew; None for a trial, which is of nothing here. Raises Closed."""
    if launch.person is None or launch.section_id is None:
        trying.check(launch.tool, launch.user)
        return None
    role, student = Role[launch.role], launch.student
    wish = Wish(launch.tool, launch.user, launch.person, role, launch.section_id, launch.link, student)
    return access.opening(wish, now)


def _taken(tool: Tool, request: login.Asked, browser: Browser, now: dt.datetime) -> Launch:
    """Use the launch up that the hint stands for, whatever follows. Raises Wrong."""
    waiting = Launch.objects.filter(hint=digest(request.message_hint), tool=tool, used_at=None, expires_at__gt=now)
    found = waiting.select_related("tool", "link__assignment", "section", "person", "student", "user").first()
    if found is None or not waiting.update(used_at=now):
        raise Wrong("login_required", "The launch is over. It has to be opened again.")
    if found.login_hint != request.login_hint:
        raise Wrong("invalid_request", "login_hint is not the one that was sent.")
    if browser.user is not None and (browser.user.pk != found.user_id or browser.digest != bytes(found.session)):
        raise Wrong("login_required", "Somebody else is signed in.")
    if not marks.use(tool, "nonce", request.nonce, now + dt.timedelta(hours=1)):
        raise Wrong("invalid_request", "The nonce was used before.")
    return found


def _claims(launch: Launch, opening: Opening, nonce: str, now: dt.datetime) -> dict[str, Any]:
    tool, section = opening.tool, opening.section
    known = people.subjects(tool, [opening.person.pk, *opening.mentored])
    subject = known[opening.person.pk]
    whole = claims.Launch(
        issuer=addresses.issuer(), client_id=tool.client_id, deployment_id=tool.deployment_id, nonce=nonce,
        person=people.told(tool, opening.person, subject), role=opening.role, target=target(launch),
        framed=launch.framed, platform=district_name(), context=people.context(tool, section),
        locale=get_language() or "en", return_url=addresses.absolute(f"returned/{launch.guid}"),
        mentored=[known[key] for key in opening.mentored], custom=_custom(launch, opening, subject),
        services=_services(launch, opening),
    )  # fmt: skip
    if launch.link is not None:
        link = Link(launch.link.guid, launch.link.title or tool.name, launch.link.text)
        if launch.student is not None:
            [code] = people.subjects(tool, [launch.student.pk]).values()
            return claims.review(whole, link, people.told(tool, launch.student, code), now)
        return claims.resource(whole, link, now)
    data = token_urlsafe(32)
    Launch.objects.filter(pk=launch.pk).update(data=digest(data), expires_at=now + CHOOSING)
    return claims.content(
        whole, answer_url=addresses.absolute("content"), data=data, several=launch.assignment_id is None,
        graded=access.may_score(tool), now=now,
    )  # fmt: skip


def _custom(launch: Launch, opening: Opening, subject: str) -> dict[str, str]:
    """Return the tool's parameters and the link's over them, with what their variables stand for."""
    told = people.context(opening.tool, opening.section)
    known = {"$User.id": subject, "$Context.id": told.id, "$Context.title": told.title}
    if link := launch.link:
        known |= {
            "$ResourceLink.id": link.guid, "$ResourceLink.title": link.title,
            "$ResourceLink.available.startDateTime": written(link.opens_at) or "",
            "$ResourceLink.available.endDateTime": written(link.closes_at) or "",
        }  # fmt: skip
        if link.assignment:
            known["$ResourceLink.submission.endDateTime"] = written(link.assignment.due_at) or ""
    own = launch.link.custom if launch.link else {}
    return custom.filled({**opening.tool.custom, **own, **_review(launch).get("custom", {})}, known)


def _services(launch: Launch, opening: Opening) -> Services:
    """Return what the tool may do afterwards in this section."""
    tool, section = opening.tool, opening.section.pk
    scores = access.may_score(tool)
    items = LineItem.objects.filter(link=launch.link, tool=tool, assignment__deleted_at=None) if launch.link else None
    mine = [*items.values_list("pk", flat=True)[:2]] if items is not None and scores else []
    return Services(
        line_items=addresses.line_items(section) if scores else "",
        line_item=addresses.line_item(section, mine[0]) if len(mine) == 1 else "",
        scopes=names.GRADE_SCOPES if scores else (),
        members=addresses.members(section) if tool.share_members else "",
    )
