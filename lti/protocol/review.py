"""Seeing one student's work again in the tool (LTI Submission Review 1.0): what a line item says about it."""

from collections.abc import Mapping
from typing import Any

from lti.protocol import custom
from lti.protocol.login import is_sound

STATUS, WITHOUT = "reviewableStatus", "None"
MOST, LONGEST = 10, 255


def read(told: Any, *, loopback: bool) -> dict[str, Any] | None:
    """Return the `submissionReview` of a line item with what is sound of it; None where there is none."""
    if not isinstance(told, Mapping):
        return None
    listed, url, label = told.get(STATUS), told.get("url"), told.get("label")
    statuses = [each for each in listed[:MOST] if isinstance(each, str)] if isinstance(listed, list) else []
    found: dict[str, Any] = {STATUS: [each[:LONGEST] for each in statuses]}
    if isinstance(url, str) and is_sound(url, loopback=loopback):
        found["url"] = url
    if isinstance(label, str) and "\0" not in label:
        found["label"] = label[:LONGEST]
    if parameters := custom.read(told.get("custom")):
        found["custom"] = parameters
    return found


def is_open(review: Mapping[str, Any] | None, activity: str) -> bool:
    """Return whether the work of a student who has come so far (blank: nothing is known) can be seen again."""
    if review is None:
        return False
    statuses = review.get(STATUS) or []
    return (activity or WITHOUT) in statuses if statuses else bool(activity)
