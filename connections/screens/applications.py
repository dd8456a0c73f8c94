"""The applications this district uses, one tile each; connections nobody knows the vendor of; the published copy."""

from typing import Any, ClassVar

import django_filters
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import catalogue, overview, usage
from connections.models import Application, Connection
from connections.state import Kind
from interop.admin.pages import page
from interop.admin.roles import EDITORS, roles_of

PUBLISHED = "roster.refreshing.state"
"""What vendors read at the moment; roster stands above this app, so it is known by name only."""
LIST_FROM = 60
A_PAGE = 60
NEED = "need"


class ApplicationFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """What the list of applications can be narrowed to. The state is no column: see `index`."""

    q = django_filters.CharFilter(method="named", label=gettext_lazy("Name, connection or client ID"))
    state = django_filters.ChoiceFilter(
        method="kept",
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("Any state"),
        choices=[(NEED, gettext_lazy("Needs someone")), *((kind.shape, kind.value[1]) for kind in Kind)],
    )
    partner = django_filters.ChoiceFilter(
        label=gettext_lazy("Support"),
        empty_label=gettext_lazy("Partners and others"),
        choices=[("True", gettext_lazy("Partners")), ("False", gettext_lazy("Others"))],
    )
    school = django_filters.ModelChoiceFilter(
        method="of_school", label=gettext_lazy("School"), empty_label=gettext_lazy("Any school"), queryset=None
    )

    class Meta:
        model = Application
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = Connection.schools.rel.model._default_manager
        self.filters["school"].queryset = schools.filter(ended_at=None).order_by("name")
        for field in self.form.fields.values():
            field.widget.attrs["class"] = "input"

    def named(self, queryset: QuerySet[Application], _name: str, words: str) -> QuerySet[Application]:
        """Keep those whose name, or the name or key of a connection, holds the words."""
        owners = overview.matching(words).values("application")
        return queryset.filter(Q(name__icontains=words) | Q(pk__in=owners))

    def kept(self, queryset: QuerySet[Application], _name: str, _value: str) -> QuerySet[Application]:
        """Keep all: the state is asked of the tiles."""
        return queryset

    def of_school(self, queryset: QuerySet[Application], _name: str, school: Any) -> QuerySet[Application]:
        """Keep those with a connection this school is enabled in."""
        reach = Connection.objects.filter(Q(all_schools=True) | Q(schools=school))
        return queryset.filter(pk__in=reach.values("application"))


def index(request: HttpRequest) -> HttpResponse:
    """Show the applications that need someone, then all others."""
    usage.roll_up()
    now, words = timezone.now(), request.GET.get("q", "").strip()[:100]
    every = overview.tiles(Application.objects.all(), catalogue.entries(), now)
    chosen = ApplicationFilter(request.GET, queryset=Application.objects.all())
    found = narrowed(every, chosen) if any(request.GET.get(name) for name in chosen.filters) else every
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    overview.give_pulses(list(shown.object_list), now)
    total, answer = overview.opening(every)
    roles = roles_of(request.user)
    return page(
        request,
        "connections/applications.html",
        _("Learning Interoperability"),
        total=total,
        answer=answer,
        some=bool(every),
        filter=chosen,
        narrowed=len(found) < len(every),
        words=words,
        shown=shown,
        needed=[tile for tile in shown.object_list if tile.state.needs_someone],
        others=[tile for tile in shown.object_list if not tile.state.needs_someone],
        long=len(every) > LIST_FROM,
        as_list=len(every) > LIST_FROM and request.GET.get("view") == "list",
        rest=_rest(request),
        orphans=overview.orphans(now, words),
        published=import_string(PUBLISHED)(),
        may_change=bool(roles & EDITORS),
    )


def narrowed(every: list[overview.Tile], chosen: ApplicationFilter) -> list[overview.Tile]:
    """Return the tiles the filter leaves; a value nobody offers leaves all."""
    if not chosen.form.is_valid():
        return every
    state = chosen.form.cleaned_data["state"]
    left = set(chosen.qs.values_list("pk", flat=True))
    return [
        tile
        for tile in every
        if tile.application.pk in left
        and (not state or (tile.state.needs_someone if state == NEED else tile.state.kind.shape == state))
    ]


def _rest(request: HttpRequest) -> str:
    """Return the query of this page without its page number and view, for the links that change those."""
    asked = request.GET.copy()
    for name in ("page", "view"):
        asked.pop(name, None)
    return asked.urlencode()
