"""What the district chooses for all its connections: read together, changed together, told in the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from connections.models import Connection, SharingSettings
from interop import audit
from interop.models import AuditEvent
from roster.models import DistrictSettings

CHANGED = "changed settings"
LAST = 10
MOST = 1_000_000
"""The largest number anybody may choose."""
Row = type[SharingSettings] | type[DistrictSettings]


@dataclass(frozen=True)
class Choice:
    """One setting: the row that holds it, and what it means. `touches` names the connections it concerns.

    `published` ones change records, which happens at the next refresh; the others hold from the next request on.
    """

    row: Row
    field: str
    means: Any
    touches: str = ""
    published: bool = False

    @property
    def title(self) -> Any:
        """Return what the office calls it."""
        return self._declared.verbose_name

    @property
    def kind(self) -> str:
        """Return the type of its input: a checkbox, times of day, a number, an address, or words."""
        kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
            (models.BooleanField, "checkbox"), (ArrayField, "times"), (models.IntegerField, "number"),
            (models.URLField, "url"), (models.CharField, "text"),
        )  # fmt: skip
        return next(name for declared, name in kinds if isinstance(self._declared, declared))

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the least and the most of a number."""
        given = {type(each): each.limit_value for each in self._declared.validators if hasattr(each, "limit_value")}
        return max(given.get(MinValueValidator, 0), 0), min(given.get(MaxValueValidator, MOST), MOST)

    @property
    def _declared(self) -> "models.Field[Any, Any]":
        return self.row._meta.get_field(self.field)  # type: ignore[return-value]


GROUPS: tuple[tuple[str, Any, Any, Sequence[Choice]], ...] = (
    (
        "functions", _("What applications can do"),
        _("A function that is off is off for every application, from the vendor’s next request on. What each "
          "connection had chosen comes back when the function is turned on again."),
        (
            Choice(SharingSettings, "roster_sync",
                   _("Vendors read people, classes and enrollments. Off: every OneRoster connection is refused."),
                   "every"),
            Choice(SharingSettings, "gradebook_sync",
                   _("Partners send assignments and scores, and read categories."), "gradebook"),
            Choice(SharingSettings, "assessments_sync", _("Partners send tests and test scores."), "assessments"),
            Choice(SharingSettings, "learning_tool", _("Teachers and students open an application from here.")),
            Choice(SharingSettings, "score_passback", _("An application returns scores of what was opened from here.")),
        ),
    ),
    (
        "stops", _("Stop at once"),
        _("For an emergency: these act on the very next request of every vendor, also with tokens it already holds."),
        (
            Choice(SharingSettings, "stopped",
                   _("Every call of every vendor is answered 503, and no token is given, until this is turned off."),
                   "every"),
            Choice(SharingSettings, "writes_stopped",
                   _("Vendors read as before; whatever they send is answered 503 until this is turned off."), "every"),
        ),
    ),
    (
        "limits", _("Limits for vendors, and the log of what they did"),
        _("A vendor that asks more is told when to come back. A connection may have figures of its own. 0: no limit."),
        (
            Choice(SharingSettings, "bucket",
                   _("So many calls go through one after the other without a pause, such as a whole nightly pull.")),
            Choice(SharingSettings, "refill", _("Once these are used up, so many more are allowed each second.")),
            Choice(SharingSettings, "at_once", _("Calls of one connection that may be at work at the same time.")),
            Choice(SharingSettings, "log_months",
                   _("Who read what, and who received a student’s record, is known this far back. Older months are "
                     "deleted for good.")),
        ),
    ),
    (
        "records", _("What records say"),
        _("These change what is published, so a refresh of everything begins when they are saved."),
        (
            Choice(DistrictSettings, "local_grades",
                   _("Grades go out as your schools name them, instead of the national code each is mapped to."),
                   "new", published=True),
            Choice(DistrictSettings, "report_disabled_accounts",
                   _("Somebody whose account is disabled is told with enabledUser false, instead of true."),
                   "every", published=True),
        ),
    ),
    (
        "refresh", _("Refresh of the OneRoster cache"),
        _("At these times the portal publishes what changed, in the district’s time zone: such as 4:10, 6-18, 22:10, "
          "where 6-18 is every hour from 6 to 18. Choose hours after the student information system has sent its data. "
          "What was missed while the portal was down is made up for as soon as it is back."),
        (
            Choice(DistrictSettings, "student_times", _("People, their enrollments and demographics.")),
            Choice(DistrictSettings, "class_times",
                   _("Schools, terms, courses, classes, resources and staff of classes.")),
        ),
    ),
    (
        "email", _("Email addresses"),
        _("Connections of OneRoster 1.2 choose this one by one on their own page."),
        (
            Choice(SharingSettings, "secondary_email_11",
                   _("Everybody’s secondary address stands in for the first, also when it is blank."), "old"),
            Choice(DistrictSettings, "email_domains",
                   _("Such as northmere.example, students.northmere.example. Readiness lists students and staff whose "
                     "address is of none of them. Blank: it does not look.")),
        ),
    ),
    (
        "older", "OneRoster 1.1",
        _("There a person who is a parent and a teacher is two users: one for each role, each with an id of its own."),
        (
            Choice(DistrictSettings, "role_prefixed_ids",
                   _("The letter of the role (s, t, a, g or r) and the local id. Off: the main role keeps the person’s "
                     "sourcedId, further ones get an ending. Before it changes you see whom vendors would see twice."),
                   "old", published=True),
            Choice(DistrictSettings, "strict_older_parents",
                   _("Lists below a school, class or person that is unknown or not shared answer 404. Off: they are "
                     "empty, as vendors of 1.1 expect."), "old"),
        ),
    ),
    (
        "families", _("Students and parents"),
        _("What they find when they sign in is decided by teachers’ portal boxes and the relationships of the feed."),
        (
            Choice(DistrictSettings, "family_mail",
                   _("Whoever asks for it on their settings page gets a mail a day, at most, that there are new grades "
                     "or that work is missing. It names no score and links to the portal.")),
        ),
    ),
    (
        "connecting", _("Connecting"),
        _("These hold for what is generated, renewed or turned on from now on."),
        (
            Choice(SharingSettings, "allow_oauth1",
                   _("Old, and not the most secure way. Allow it for a vendor that cannot do OAuth 2 yet."), "oauth1"),
            Choice(SharingSettings, "oauth2_expires",
                   _("Each must be renewed once a year, so that nobody’s access outlives the contract."), "oauth2"),
            Choice(DistrictSettings, "hold_until_final",
                   _("No vendor gets anything until somebody marks the scheduling of the active school year final. "
                     "Without it, creating or enabling a connection warns until then."), "every"),
            Choice(SharingSettings, "two_for_demographics",
                   _("One security officer asks, another one approves. Until then nothing is shared."), "demographics"),
            Choice(SharingSettings, "suggestions_url",
                   _("Blank: a form here keeps the suggestions. Otherwise the address people are sent to.")),
        ),
    ),
)  # fmt: skip
CHOICES = tuple(choice for _name, _title, _told, choices in GROUPS for choice in choices)
_COUNTED = {
    "every": Q(),
    "gradebook": Q(share_gradebook=True),
    "assessments": Q(share_assessments=True),
    "demographics": Q(share_demographics=True),
    "new": Q(version=12),
    "old": Q(version=11),
    "oauth1": Q(oauth=1),
    "oauth2": Q(oauth=2),
}


def current() -> dict[str, Any]:
    """Return the value of every choice; two statements."""
    rows: dict[Row, Any] = {SharingSettings: SharingSettings.load(), DistrictSettings: DistrictSettings.load()}
    return {choice.field: getattr(rows[choice.row], choice.field) for choice in CHOICES}


@transaction.atomic
def change(values: Mapping[str, Any], *, actor: str) -> list[Choice]:
    """Set some of the choices and return those that are different now; one audit event for each row that changed."""
    changed: list[Choice] = []
    rows: tuple[Any, ...] = (SharingSettings, DistrictSettings)
    for row in rows:
        row.objects.bulk_create([row(pk=1)], ignore_conflicts=True)
        held = row.objects.select_for_update().get(pk=1)
        mine = [each for each in CHOICES if each.row is row and each.field in values]
        differing = [each for each in mine if getattr(held, each.field) != values[each.field]]
        if not differing:
            continue
        before = {each.field: getattr(held, each.field) for each in differing}
        for each in differing:
            setattr(held, each.field, values[each.field])
        held.save()
        after = {each.field: values[each.field] for each in differing}
        audit.record(actor, CHANGED, held, before=before, after=after)
        changed += differing
    return changed


def touched() -> dict[str, int]:
    """Return how many connections each choice concerns; one statement."""
    return Connection.objects.aggregate(**{name: Count("pk", filter=test) for name, test in _COUNTED.items()})


def last_changes() -> list[AuditEvent]:
    """Return the last changes of the district's choices, the newest first."""
    labels = [row._meta.label for row in (SharingSettings, DistrictSettings)]
    return list(AuditEvent.objects.filter(object_type__in=labels)[:LAST])
