"""What a tool gives back when a teacher has chosen content (LTI Deep Linking 2.0, response message)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lti.protocol import custom, names, review, tokens
from lti.protocol.login import is_sound
from lti.protocol.moments import moment
from lti.protocol.names import CLAIM, CONTENT
from lti.protocol.tokens import Keys, Refused

MOST_ITEMS = 100
LONGEST = 1000


@dataclass(frozen=True)
class Graded:
    """How a chosen piece of work is graded."""

    maximum: Decimal
    label: str = ""
    resource_id: str = ""
    tag: str = ""
    review: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Item:
    """One chosen link; `url` blank: the tool's own address. Texts are texts, nothing in them is markup."""

    url: str
    title: str
    text: str
    custom: Mapping[str, str]
    graded: Graded | None
    available_from: dt.datetime | None = None
    available_until: dt.datetime | None = None
    due_from: dt.datetime | None = None
    due_until: dt.datetime | None = None


@dataclass(frozen=True)
class Chosen:
    """What came back: our own mark of the request, the links, what the tool has to say, and the token's own mark."""

    data: str
    nonce: str
    items: Sequence[Item]
    passed_over: int
    message: str = ""
    error: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def check(
    token: str, keys: Keys, *, client_id: str, deployment_id: str, issuer: str, loopback: bool, now: dt.datetime
) -> Chosen:
    """Return what the tool gives back. Raises Refused; UnknownKey when the tool may have changed its keys."""
    told = tokens.read(token, keys, issuer=client_id, audiences=[issuer], now=now)
    audience = told["aud"]
    if isinstance(audience, list) and len(audience) > 1 and told.get("azp") != issuer:
        raise Refused("The token is for others as well.")
    for name, wanted in (
        ("message_type", names.CONTENT_ANSWER), ("version", names.VERSION), ("deployment_id", deployment_id),
    ):  # fmt: skip
        if told.get(f"{CLAIM}{name}") != wanted:
            raise Refused(f"The token’s {name} is not {wanted}.")
    data, nonce, listed = told.get(f"{CONTENT}data"), told.get("nonce"), told.get(f"{CONTENT}content_items", [])
    if not isinstance(data, str) or not data:
        raise Refused("The token does not bring back the data of the request.")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= LONGEST:
        raise Refused("The token needs a nonce.")
    if not isinstance(listed, list) or len(listed) > MOST_ITEMS:
        raise Refused(f"A tool gives back a list of at most {MOST_ITEMS} links.")
    items = [item for each in listed if (item := _item(each, loopback=loopback))]
    return Chosen(
        data, nonce, items, len(listed) - len(items), _text(told.get(f"{CONTENT}msg")),
        _text(told.get(f"{CONTENT}errormsg")),
    )  # fmt: skip


def _item(told: Any, *, loopback: bool) -> Item | None:
    """Return one link; None for what is no link that is opened by a launch, or not a safe one."""
    if not isinstance(told, Mapping) or told.get("type") != names.RESOURCE_LINK:
        return None
    url = told.get("url") or ""
    if not isinstance(url, str) or (url and not is_sound(url, loopback=loopback)):
        return None
    available, due = _span(told.get("available")), _span(told.get("submission"))
    return Item(
        url, _text(told.get("title")), _text(told.get("text")), custom.read(told.get("custom")),
        _graded(told.get("lineItem"), loopback=loopback), *available, *due,
    )  # fmt: skip


def _graded(told: Any, *, loopback: bool) -> Graded | None:
    if not isinstance(told, Mapping):
        return None
    most = told.get("scoreMaximum")
    if isinstance(most, bool) or not isinstance(most, int | float) or not 0 < most <= 1_000_000:
        return None
    return Graded(
        Decimal(str(most)), _text(told.get("label")), _text(told.get("resourceId")), _text(told.get("tag")),
        review.read(told.get("submissionReview"), loopback=loopback),
    )  # fmt: skip


def _span(told: Any) -> tuple[dt.datetime | None, dt.datetime | None]:
    if not isinstance(told, Mapping):
        return None, None
    return moment(told.get("startDateTime")), moment(told.get("endDateTime"))


def _text(told: Any) -> str:
    return told.replace("\0", "")[:LONGEST].strip() if isinstance(told, str) else ""
