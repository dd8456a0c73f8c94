"""The categories of a section."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gradebook.models import Category
from gradebook.pages.book import key_of
from gradebook.pages.guard import show
from gradebook.teaching import categorizing, scoring
from gradebook.teaching.access import Teacher, section_name
from gradebook.teaching.categorizing import Facts, Refused
from roster.models import Section


class CategoryForm(forms.Form):
    """What a teacher says about a category."""

    title = forms.CharField(label=gettext_lazy("Name"), max_length=categorizing.LONGEST)
    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), min_value=0, max_value=999_999, decimal_places=3, required=False
    )
    drop_lowest = forms.IntegerField(label=gettext_lazy("Drop lowest"), min_value=0, max_value=100, initial=0)
    sequence = forms.IntegerField(label=gettext_lazy("Place"), min_value=0, max_value=9_999_999, initial=0)
    sections = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Sections"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, teacher: Teacher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sections: Any = self.fields["sections"]
        sections.choices = [(key, section_name(each)) for key, each in teacher.sections.items()]
        for field in self.fields.values():
            if not isinstance(field, forms.TypedMultipleChoiceField):
                field.widget.attrs["class"] = "input"


def listed(request: HttpRequest, teacher: Teacher, section: Section) -> HttpResponse:
    """Show the categories with one form for each and one for a new one; save, remove or copy."""
    sent, fault = None, ""
    if request.method == "POST":
        try:
            sent = _do(request, teacher, section)
        except Refused as refused:
            fault = str(refused)
        except Category.DoesNotExist:
            raise Http404 from None
        if sent is None and not fault:
            return redirect("teacher_categories", section.pk)
    key = key_of(request.POST.get("category"))
    rows: list[dict[str, Any]] = []
    for row in categorizing.listed(section):
        mine = categorizing.is_mine(teacher, row)
        facts = categorizing.facts(row)
        weight = None if facts.weight is None else scoring.plain(facts.weight)
        shown = {**facts.__dict__, "weight": weight, "sections": sorted(facts.sections)}
        form = CategoryForm(initial=shown, teacher=teacher, prefix=f"c{row.pk}")
        rows.append({"row": row, "mine": mine, "form": sent if sent and key == row.pk else form})
    blank = CategoryForm(teacher=teacher, prefix="new", initial={"sections": [section.pk], "sequence": len(rows)})
    others = [(pk, section_name(each)) for pk, each in teacher.sections.items() if pk != section.pk]
    return show(
        request, teacher, "categories.html", _("Categories"), section=section, name=section_name(section), rows=rows,
        blank=sent if sent and key is None else blank, others=others, fault=fault,
        status=422 if fault or sent else 200, total=sum(each["row"].weight or 0 for each in rows),
    )  # fmt: skip


def _do(request: HttpRequest, teacher: Teacher, section: Section) -> CategoryForm | None:
    """Do what was asked; return the form when something in it is wrong. Raises Refused, Category.DoesNotExist."""
    key, do = key_of(request.POST.get("category")), request.POST.get("do")
    if do == "copy":
        source = key_of(request.POST.get("source"))
        if source not in teacher.sections or source is None:
            raise Refused(_("Choose one of your sections."))
        number = categorizing.copy(teacher, source, section.pk)
        told = ngettext("%(number)d category copied.", "%(number)d categories copied.", number)
        messages.success(request, told % {"number": number})
        return None
    if do == "remove":
        title = categorizing.remove(teacher, key or 0, section.pk)
        messages.success(request, _("“%s” is gone from this section.") % title)
        return None
    form = CategoryForm(request.POST, teacher=teacher, prefix=f"c{key}" if key else "new")
    if not form.is_valid():
        return form
    given = form.cleaned_data
    wanted = Facts(**{**given, "sections": frozenset(given["sections"])})
    messages.success(request, _("“%s” is saved.") % categorizing.save(teacher, wanted, key).title)
    return None
