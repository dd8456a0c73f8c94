"""Mail to students and parents who asked for it: once a day, that there is something new, and nothing of what it is."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gradebook import plans
from gradebook.family import access, classes
from gradebook.models import FamilyChoice, PostedGrade, Score
from interop.dates import district_day
from interop.jobs.running import Refused, Run
from roster import district
from roster.models import DistrictSettings
from roster.signin import accounts

AFTERNOON = dt.time(17, 0)
SETTLED = dt.timedelta(minutes=10)
"""What was written so long ago is committed by now, however long its transaction took."""


@dataclass
class News:
    """The classes with something new, by student and section: grades, and work that is missing."""

    grades: set[tuple[int, int]] = field(default_factory=set)
    missing: set[tuple[int, int]] = field(default_factory=set)


def times() -> list[dt.time]:
    """Return the local times at which mail goes out."""
    return [AFTERNOON]


def run(job: Run) -> str:
    """Send the day's mail. Raises Refused when the mail server does not take it; those not told yet are told later."""
    if not settings.MAIL or not DistrictSettings.load().family_mail:
        return _("Mail to students and parents is off.")
    try:
        sent = send(timezone.now(), job)
    except (SMTPException, OSError) as error:
        raise Refused(_("The mail server did not take it (%s).") % type(error).__name__) from error
    return ngettext("%(number)d mail sent.", "%(number)d mails sent.", sent) % {"number": sent}


def send(now: dt.datetime, job: Run) -> int:
    """Send everybody's mail and return how many there were. Raises SMTPException or OSError; the others wait then."""
    waiting, sent = list(asked()), 0
    for at, choice in enumerate(waiting):
        job.advance(_("Mail"), at, len(waiting))
        sent += tell(choice, now)
    return sent


def asked() -> Collection[FamilyChoice]:
    """Return the choices of those who want mail, have an address, and can still sign in."""
    wanted = FamilyChoice.objects.filter(Q(mail_grades=True) | Q(mail_missing=True))
    able = wanted.filter(person__account__in=accounts.open_accounts()).exclude(person__email="")
    return able.select_related("person").order_by("pk")


def tell(choice: FamilyChoice, now: dt.datetime) -> bool:
    """Send one person's mail if there is news and they had none today; return whether one was sent.

    Who sends notes it first: two runs at once, or one begun again, send one mail. Raises SMTPException or OSError.
    """
    since, until = choice.told_until or now, now - SETTLED
    if until <= since or district_day(since) == district_day(now):
        return False
    found = news(choice, since, until)
    letter = _letter(choice, found)
    if letter is None:
        return False
    mine = FamilyChoice.objects.filter(pk=choice.pk)
    if not mine.filter(told_until=choice.told_until).update(told_until=until):
        return False
    try:
        letter.send()
    except (SMTPException, OSError):
        mine.update(told_until=choice.told_until)
        raise
    return True


def news(choice: FamilyChoice, since: dt.datetime, until: dt.datetime) -> News:
    """Return what came between these moments for the students this person may see, where the portal boxes allow."""
    family, found = access.family(choice.person, until), News()
    for student in family.students:
        keys = [each.pk for each in classes.sections(student, family.today)]
        scores = Score.objects.filter(
            person=student, deleted_at=None, modified__gt=since, modified__lte=until,
            assignment__section__in=keys, assignment__portal=True, assignment__deleted_at=None,
        )  # fmt: skip
        for section, missing, score, text in scores.values_list(
            "assignment__section", "missing", "score", "text_score"
        ):
            if missing:
                found.missing.add((student, section))
            elif score is not None or text:
                found.grades.add((student, section))
        posted = PostedGrade.objects.filter(
            person=student, section__in=keys, deleted_at=None, modified__gt=since, modified__lte=until
        )
        found.grades |= _open_posted(student, list(posted.values_list("section_id", "period_id")))
    return found


def _open_posted(student: int, posted: list[tuple[int, int]]) -> set[tuple[int, int]]:
    books = plans.books({section for section, _period in posted}) if posted else {}
    known = [(section, books[section].periods.get(period)) for section, period in posted]
    return {(student, section) for section, period in known if period and period.portal}


def _letter(choice: FamilyChoice, found: News) -> EmailMessage | None:
    """Return the mail in the person's language; None when nothing they asked for is new."""
    grades = len(found.grades) if choice.mail_grades else 0
    missing = len(found.missing) if choice.mail_missing else 0
    if not grades and not missing:
        return None
    with translation.override(choice.language):
        lines = []
        if grades:
            told = ngettext(
                "There are new grades in %(number)d class.", "There are new grades in %(number)d classes.", grades
            )
            lines.append(told % {"number": grades})
        if missing:
            told = ngettext("Work is missing in %(number)d class.", "Work is missing in %(number)d classes.", missing)
            lines.append(told % {"number": missing})
        lines += [
            "", _("Sign in to see more: %s") % (settings.PUBLIC_URL + reverse("home")), "",
            _("You asked for this mail. Your settings turn it off: %s")
            % (settings.PUBLIC_URL + reverse("home_settings")), "",
        ]  # fmt: skip
        subject = _("News from %s") % (district.name() or _("your school"))
        return EmailMessage(subject, "\n".join(lines), to=[choice.person.email])
