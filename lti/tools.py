"""What the data office does with tools: registering, accepting, switching, deleting; each act is in the audit trail.

Pages call these functions; nothing else changes a tool.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from connections.models import Application
from connections.secret import new_client_id
from interop import audit
from lti import addresses
from lti.launching import digest
from lti.models import Registration, Tool
from lti.protocol import custom, registration, tokens
from lti.protocol.login import is_sound, origin
from lti.protocol.registration import Unacceptable
from lti.protocol.tokens import Refused

WAITS = dt.timedelta(hours=1)
"""How long a registration link is good for."""
BY_ITSELF = "the tool itself"
ADDRESSES = ("login_url", "launch_url", "content_url", "key_set_url")
SWITCHES = (
    "enabled", "all_schools", "for_teachers", "for_students", "for_parents", "chooses_content", "send_name",
    "send_email", "send_sourced_id", "share_members", "score_passback",
)  # fmt: skip
CHANGEABLE = (
    "name", *ADDRESSES, "redirect_urls", "origins", "public_key", *SWITCHES, "opens_in", "custom",
)  # fmt: skip


def register_by_hand(
    application: Application,
    *,
    actor: str,
    now: dt.datetime,
    facts: Mapping[str, Any],
    schools: Iterable[int] | None = None,
) -> Tool:
    """Make a tool from what the office typed (fields of CHANGEABLE). Raises ValidationError by field.

    What a person types they have accepted; it opens as soon as `enabled` is among the facts.
    """
    tool = _new(application, actor)
    _set(tool, facts)
    check(tool)
    with transaction.atomic():
        tool.accepted_at = now
        tool.save()
        _set_schools(tool, schools)
        audit.record(actor, "registered a learning tool", tool, after=_facts(tool))
    return tool


def change(tool: Tool, *, actor: str, facts: Mapping[str, Any], schools: Iterable[int] | None = None) -> Tool:
    """Change a tool. `schools` None leaves them. Raises ValidationError by field.

    Switching it off ends what it holds and whatever is on its way.
    """
    with transaction.atomic():
        tool = Tool.objects.select_for_update().get(pk=tool.pk)
        before = _facts(tool)
        _set(tool, facts)
        check(tool)
        if (tool.key_set_url, tool.public_key) != (before["key_set_url"], before["public_key"]):
            tool.key_set, tool.key_set_at, tool.key_set_tried_at = "", None, None
        tool.save()
        _set_schools(tool, schools)
        if not tool.enabled:
            tool.tokens.all().delete()
            tool.launches.all().delete()
        audit.record(actor, "changed a learning tool", tool, before=before, after=_facts(tool))
    return tool


def accept(tool: Tool, *, actor: str, now: dt.datetime, facts: Mapping[str, Any]) -> Tool:
    """Let a tool in that registered itself, with the switches somebody chose after seeing what it asks for."""
    with transaction.atomic():
        tool = change(tool, actor=actor, facts=facts)
        tool.accepted_at = now
        tool.save(update_fields=["accepted_at"])
        audit.record(actor, "accepted a learning tool", tool, after={"accepted_at": now})
    return tool


def enable(tool: Tool, *, actor: str, enabled: bool) -> Tool:
    """Switch a tool on or off; off acts at once."""
    return change(tool, actor=actor, facts={"enabled": enabled})


def delete(tool: Tool, *, actor: str) -> None:
    """Delete a tool with its links and tokens. Assignments and scores stay in the grade book."""
    with transaction.atomic():
        audit.record(actor, "deleted a learning tool", tool, before=_facts(tool))
        tool.delete()


def begin_registration(application: Application, url: str, *, actor: str, now: dt.datetime) -> str:
    """Return the address to open for a tool to register itself; the pasted one with a one-time word.

    Raises ValidationError.
    """
    if not is_sound(url, loopback=settings.LTI_ALLOW_PRIVATE_TOOLS):
        raise ValidationError(_("Paste the tool’s registration address. It begins with https://."))
    word = token_urlsafe(32)
    made = Registration.objects.create(
        application=application, word=digest(word), url=url, begun_at=now, begun_by=actor, expires_at=now + WAITS
    )
    audit.record(actor, "began the registration of a learning tool", application, after={"address": url})
    told = {"openid_configuration": addresses.absolute("openid-configuration"), "registration_token": word}
    sign = "&" if urlsplit(made.url).query else "?"
    return f"{url}{sign}{urlencode(told)}"


def register(word: str, document: Any, now: dt.datetime) -> dict[str, Any]:
    """Take down what a tool says about itself; it waits for somebody to accept it. Raises Unacceptable.

    A word that is not good (any more) raises PermissionError.
    """
    wish = None
    with transaction.atomic():
        waiting = Registration.objects.select_for_update(of=("self",)).select_related("application")
        found = waiting.filter(word=digest(word), tool=None, expires_at__gt=now).first()
        if found is None:
            raise PermissionError
        wish = registration.read(document, loopback=settings.LTI_ALLOW_PRIVATE_TOOLS)
        tool = _new(found.application, found.begun_by)
        _set(tool, {
            "name": wish.name, "login_url": wish.login_url, "launch_url": wish.launch_url,
            "content_url": wish.content_url, "redirect_urls": list(wish.redirect_urls),
            "key_set_url": wish.key_set_url, "custom": dict(wish.custom),
        })  # fmt: skip
        tool.asked = asdict(wish) | {"shared": sorted(wish.shared)}
        try:
            check(tool)
        except ValidationError as error:
            raise Unacceptable("; ".join(error.messages)) from error
        tool.save()
        found.tool = tool
        found.save(update_fields=["tool"])
        audit.record(BY_ITSELF, "registered a learning tool", tool, after=_facts(tool))
    return registration.answer(document, wish, client_id=tool.client_id, deployment_id=tool.deployment_id)


def check(tool: Tool) -> None:
    """A tool's addresses are safe and its keys can be had. Raises ValidationError by field."""
    faults = {**_address_faults(tool), **_key_faults(tool)}
    if not tool.redirect_urls:
        faults["redirect_urls"] = _("Give at least one redirect address.")
    if not tool.name.strip():
        faults["name"] = _("Give the tool a name.")
    if custom.read(tool.custom) != tool.custom:
        faults["custom"] = _("Custom parameters are at most 50 short texts.")
    if faults:
        raise ValidationError(faults)


def origins(tool: Tool, *more: str) -> Sequence[str]:
    """Return the origins of a tool: what may stand in its frame, and where forms may go."""
    urls = [tool.login_url, tool.launch_url, tool.content_url, *tool.redirect_urls, *tool.origins, *more]
    return sorted({found for url in urls if url and (found := origin(url))})


def information(tool: Tool) -> dict[str, str]:
    """Return what the tool's own administrator has to be told (Information to share)."""
    ours = addresses.ours()
    return {
        _("Issuer"): ours.issuer,
        _("Client id"): tool.client_id,
        _("Deployment id"): tool.deployment_id,
        _("Authentication URL"): ours.authorization,
        _("Token URL"): ours.token,
        _("Key set URL"): ours.key_set,
    }


def _new(application: Application, actor: str) -> Tool:
    return Tool(application=application, client_id=new_client_id(), deployment_id=token_urlsafe(12), created_by=actor)


def _set(tool: Tool, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if name not in CHANGEABLE:
            raise KeyError(name)
        setattr(tool, name, value)


def _facts(tool: Tool) -> dict[str, Any]:
    """Return what the audit trail tells of a tool, with the schools it is limited to."""
    return tool.facts | {"schools": sorted(tool.schools.values_list("sourced_id", flat=True))}


def _set_schools(tool: Tool, schools: Iterable[int] | None) -> None:
    if schools is not None:
        tool.schools.set(schools)


def _address_faults(tool: Tool) -> dict[str, str]:
    loopback = settings.LTI_ALLOW_PRIVATE_TOOLS
    given: dict[str, list[str]] = {name: [getattr(tool, name)] for name in ADDRESSES if getattr(tool, name)}
    given |= {"login_url": [tool.login_url], "launch_url": [tool.launch_url]}
    given |= {"redirect_urls": tool.redirect_urls, "origins": tool.origins}
    wrong = _("Give an https address without a name, password or fragment.")
    return {name: wrong for name, urls in given.items() if not all(is_sound(url, loopback=loopback) for url in urls)}


def _key_faults(tool: Tool) -> dict[str, str]:
    if bool(tool.key_set_url) == bool(tool.public_key):
        return {"key_set_url": _("Give the tool’s key set address or its public key, one of the two.")}
    try:
        if tool.public_key:
            tokens.keys_of(tool.public_key)
    except Refused as refused:
        return {"public_key": str(refused)}
    return {}
