"""The answer in a sentence: what the rules say, beside what vendors read at this moment."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.offers import vendor_of
from roster.explaining.explanation import Explanation
from roster.explaining.journey import Journey

EXPLAINED = "looked why a record is shared or not"
"""What the audit trail calls it."""


@dataclass(frozen=True)
class Verdict:
    """The answer in a sentence, what follows from it, and the family of its colour."""

    family: str
    title: str
    more: str


def verdict(told: Explanation, journey: Journey) -> Verdict:
    """Return the answer: what the rules say, beside what vendors read at this moment."""
    names = {"name": told.title, "vendor": vendor_of(told.connection)}
    if told.shared and journey.read_now:
        return Verdict("good", _("%(name)s is shared with %(vendor)s.") % names, _("All rules are met."))
    if told.shared:
        return Verdict(
            "soon", _("%(name)s is shared with %(vendor)s from the next refresh on.") % names,
            _("All rules are met. Vendors still read the copy that was published before."),
        )  # fmt: skip
    if journey.read_now and not told.in_scope and not journey.withheld:
        names = {**names, "kept": _kept(told)}
        return Verdict("soon", _("%(name)s leaves %(vendor)s at the next refresh.") % names, names["kept"])
    return Verdict("broken", _("%(name)s is not shared with %(vendor)s.") % names, _kept(told))


def _kept(told: Explanation) -> str:
    if told.moment is None:
        return _("No school year is active, so nothing is shared with anybody.")
    if not told.parts:
        return _("The person is neither enrolled, nor staff, nor related to a student.")
    return ngettext(
        "%(failed)d of %(asked)d rules is not met. Put it right, and the next refresh shares the record.",
        "%(failed)d of %(asked)d rules are not met. Put all of them right, and the next refresh shares the record.",
        told.failed,
    ) % {"failed": told.failed, "asked": told.asked}
