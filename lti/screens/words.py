"""What the switches of a tool are called, in the words of the office."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from lti.models import Tool
from lti.protocol import names

LABELS: dict[str, tuple[Any, Any]] = {
    "for_teachers": (_("Teachers"), _("It stands in Learning Tools of each section they teach.")),
    "for_students": (_("Students"), _("They open it from their assignments and from Learning Tools.")),
    "for_parents": (_("Parents"), _("They open it as the parents they are, never as their child.")),
    "send_name": (_("Name"), _("First and last name, as the school uses them.")),
    "send_email": (_("Email address"), _("The one the roster holds.")),
    "send_sourced_id": (_("sourcedId"), _("The id the SIS gave the person and the section; OneRoster tells the same.")),
    "share_members": (
        _("Who is in the section"), _("The people of a section it is used in, each with what is sent above."),
    ),
    "chooses_content": (
        _("Content for assignments"), _("Teachers choose content in the tool and put it into an assignment."),
    ),
    "score_passback": (
        _("Score passback"), _("It writes the scores of its own assignments into the grade book, and reads them."),
    ),
}  # fmt: skip
SEEN_BY = ("for_teachers", "for_students", "for_parents")
SENT = ("send_name", "send_email", "send_sourced_id", "share_members")
DOES = ("chooses_content", "score_passback")
SCOPES: dict[str, Any] = {
    names.LINE_ITEM: _("Make and change assignments of its own in the grade book"),
    names.LINE_ITEM_READ: _("Read its own assignments"),
    names.RESULT_READ: _("Read the scores of its own assignments"),
    names.SCORE: _("Write scores"),
    names.MEMBERS_READ: _("Read who is in a section"),
}
SHARED: dict[str, Any] = {"name": _("The name of each person who opens it"), "email": _("Their email address")}


def seen_by(tool: Tool) -> str:
    """Return who sees a tool, in a few words."""
    return ", ".join(str(LABELS[name][0]) for name in SEEN_BY if getattr(tool, name))


def sent(tool: Tool) -> str:
    """Return what a tool is sent of a person; blank where it knows only its own code."""
    return ", ".join(str(LABELS[name][0]) for name in SENT if getattr(tool, name))


def asked(tool: Tool) -> list[str]:
    """Return what a tool asked for when it registered itself, in words."""
    wish = tool.asked or {}
    shared = [str(SHARED[name]) for name in SHARED if name in wish.get("shared", ())]
    scopes = [str(SCOPES[name]) for name in SCOPES if name in wish.get("scopes", ())]
    chooses = [str(LABELS["chooses_content"][1])] if names.CONTENT_REQUEST in wish.get("messages", ()) else []
    return [*shared, *scopes, *chooses]
