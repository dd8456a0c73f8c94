"""The report card and transcript of a student, for the family, where the district lets families open them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gradebook.family.access import Family, Student
from gradebook.models import RecordSettings
from gradebook.pages.home.guard import show
from gradebook.pages.home.table import STUDENT, Page
from gradebook.records import cards, showing
from roster.models import SchoolYear

PAGES = (
    Page("home_report_card", f"{STUDENT}report-card/", "gradebook.pages.home.records.report_card"),
    Page("home_transcript", f"{STUDENT}transcript/", "gradebook.pages.home.records.transcript"),
)


def report_card(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the report card of this school year, without the grades families do not see."""
    year = SchoolYear.objects.filter(active=True).first()
    if year is None or not RecordSettings.load().report_cards_on_portal:
        raise Http404
    body = showing.pages(cards.report_cards([student.key], year, family=True))
    return show(request, family, showing.PAGE, _("Report card"), student=student, top="home_classes", body=body)


def transcript(request: HttpRequest, family: Family, student: Student) -> HttpResponse:
    """Show the transcript, without the grades families do not see."""
    if not RecordSettings.load().transcripts_on_portal:
        raise Http404
    body = showing.pages(cards.transcripts([student.key], family=True))
    return show(request, family, showing.PAGE, _("Transcript"), student=student, top="home_classes", body=body)
