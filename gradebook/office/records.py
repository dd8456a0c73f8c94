"""Report cards and transcripts for the data office: of one student, or of a section or school at once."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gradebook.models import RecordSettings
from gradebook.records import batches, cards, posted, showing
from gradebook.records.batches import Kind
from gradebook.records.cards import Card, Transcript
from gradebook.teaching.access import section_name
from interop import audit
from interop.admin.pages import page
from interop.admin.roles import OFFICERS, roles_of
from roster.models import Enrollment, Person, School, SchoolYear, Section
from roster.signin import people

AT_MOST = 50
URLS = ("admin:record_batch", "admin:record_sheet")
FIELDS = ("report_cards_on_portal", "transcripts_on_portal")
OPENED = "opened a record"


class Choose(forms.Form):
    """Whose records: students by school and name. Names of people belong in no address, so it is sent by POST."""

    school = forms.ModelChoiceField(School.objects.none(), required=False, label=gettext_lazy("School"))
    words = forms.CharField(max_length=100, required=False, label=gettext_lazy("Name or student number"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        school: Any = self.fields["school"]
        school.queryset, school.empty_label = people.schools(), _("All schools")
        school.label_from_instance = lambda each: each.name
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}


def index(request: HttpRequest) -> HttpResponse:
    """Find students, have records made for many, and see what was made; say whether families may open them."""
    act = request.POST.get("act", "")
    if act == "make":
        return _make(request)
    if act == "settings":
        return _save_settings(request)
    form = Choose(request.POST if request.method == "POST" else None)
    shown: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        found = list(_students(**form.cleaned_data)[: AT_MOST + 1])
        school = form.cleaned_data["school"]
        sections = _sections(school) if school else []
        shown = {"rows": cards.students([each.pk for each in found[:AT_MOST]]), "more": len(found) > AT_MOST,
                 "asked": True, "school": school, "sections": sections}  # fmt: skip
    return page(
        request, "gradebook/office/records.html", _("Report cards and transcripts"),
        opening=_("Made of posted grades. What is made for many is kept for a day, for you alone."),
        form=form, kinds=Kind, batches=showing.batches_of(request.user, *URLS), settings=RecordSettings.load(),
        at_most=AT_MOST, may_set=bool(roles_of(request.user) & OFFICERS), **shown,
    )  # fmt: skip


def card(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a student's report card of the active school year, or of another one that has grades."""
    person = get_object_or_404(Person, pk=pk)
    years = SchoolYear.objects.all()
    asked = request.GET.get("year", "")
    year = years.filter(pk=_key(asked)).first() if asked else years.filter(active=True).first()
    if year is None:
        raise Http404
    return _shown(request, person, _("Report card"), cards.report_cards([pk], year), posted.years(pk))


def transcript(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a student's transcript."""
    return _shown(request, get_object_or_404(Person, pk=pk), _("Transcript"), cards.transcripts([pk]))


def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a job made for this user, to print."""
    row, body = batches.opened(request.user, pk, "pages", timezone.now())
    csv = reverse("admin:record_sheet", args=[pk])
    return page(request, showing.PAGE, showing.what(row), trail=_trail(), body=showing.stored(body), csv=csv)


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Return what a job made for this user, as CSV."""
    row, body = batches.opened(request.user, pk, "sheet", timezone.now())
    return showing.as_csv(body, row)


def _trail() -> list[tuple[str, str]]:
    return [(_("Report cards and transcripts"), reverse("admin:records"))]


def _shown(
    request: HttpRequest, person: Person, title: str, found: Sequence[Card | Transcript],
    years: Sequence[tuple[int, str]] = (),
) -> HttpResponse:  # fmt: skip
    audit.record(request.user.get_username(), OPENED, person, after={"record": title})
    return page(request, showing.PAGE, title, trail=_trail(), body=showing.pages(found), years=years)


def _make(request: HttpRequest) -> HttpResponse:
    kind, given = request.POST.get("kind", ""), request.POST
    school = people.schools().filter(pk=_key(given.get("school"))).first()
    section = _sections_of(school).filter(pk=_key(given.get("section"))).first() if school else None
    if school is None or kind not in Kind.values or not isinstance(request.user, User):
        messages.error(request, _("Choose a school, then what is to be made."))
    else:
        batches.ask(request.user, kind, timezone.now(), school=None if section else school, section=section)
        messages.success(request, _("It is being made. You find it below as soon as it is ready."))
    return redirect("admin:records")


def _save_settings(request: HttpRequest) -> HttpResponse:
    row = RecordSettings.load()
    if roles_of(request.user) & OFFICERS:
        before = {name: getattr(row, name) for name in FIELDS}
        for name in FIELDS:
            setattr(row, name, bool(request.POST.get(name)))
        row.save()
        after = {name: getattr(row, name) for name in FIELDS}
        if before != after:
            audit.record(request.user.get_username(), "changed settings", row, before=before, after=after)
        messages.success(request, _("Saved. It holds for families from now on."))
    else:
        messages.error(request, _("A security officer decides what families may open."))
    return redirect("admin:records")


def _students(school: School | None, words: str) -> QuerySet[Person]:
    """Return students of any year, those of a school by an enrollment there in the active year."""
    held = Enrollment.objects.filter(person=OuterRef("pk"), no_show=False)
    if school:
        held = held.filter(calendar__school=school, calendar__school_year__active=True, ended_at=None)
    found = Person.objects.filter(Exists(held))
    for word in words.split():
        found = found.filter(
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(preferred_given_name__icontains=word)
            | Q(preferred_family_name__icontains=word) | Q(local_id=word)
        )  # fmt: skip
    return found.order_by("family_name", "given_name", "pk")


def _sections(school: School) -> list[tuple[int, str]]:
    return sorted(((each.pk, section_name(each)) for each in _sections_of(school)), key=lambda each: each[1])


def _sections_of(school: School) -> QuerySet[Section]:
    return Section.objects.filter(calendar__school=school, calendar__school_year__active=True, ended_at=None)


def _key(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 19 else 0
