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
from connections.state import Kind, State
from interop.admin.pages import page
from interop.admin.roles import EDITORS, OFFICERS, roles_of

PUBLISHED = "roster.refreshing.state"
"""What vendors read at the moment; roster stands above this app, so it is known by name only."""
BEGINNING = "roster.beginning.before_you_start"
"""What is left to do before vendors get anything."""
LIST_FROM = 60
ORPHANS = 100
"""So many connections without an application are shown; the filter finds the others."""
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
        return queryset.filter(pk__in=_reaching(Connection.objects.all(), school).values("application"))


def _reaching(connections: QuerySet[Connection], school: Any) -> QuerySet[Connection]:
    """Keep the connections the school is enabled in."""
    return connections.filter(Q(all_schools=True) | Q(pk__in=Connection.objects.filter(schools=school).values("pk")))


def index(request: HttpRequest) -> HttpResponse:
    """Show the applications that need someone, then all others; on the first days what to do before."""
    usage.roll_up()
    now, words = timezone.now(), request.GET.get("q", "").strip()[:100]
    every = overview.tiles(Application.objects.all(), catalogue.entries(), now)
    unknown = overview.orphans(Connection.objects.all(), now)
    chosen = ApplicationFilter(request.GET, queryset=Application.objects.all())
    asked = any(request.GET.get(name) for name in chosen.filters)
    found = narrowed(every, chosen) if asked else every
    orphans = narrowed_orphans(unknown, chosen) if asked else unknown
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    overview.give_pulses(list(shown.object_list), now)
    total, answer = overview.opening(every)
    roles = roles_of(request.user)
    beginning = import_string(BEGINNING)(request, first=not any(tile.lines for tile in every))
    return page(
        request,
        "connections/applications.html",
        _("Learning Interoperability"),
        total=total,
        answer=answer,
        some=bool(every),
        filter=chosen,
        narrowed=len(found) < len(every) or len(orphans) < len(unknown),
        words=words,
        shown=shown,
        needed=[tile for tile in shown.object_list if tile.state.needs_someone],
        others=[tile for tile in shown.object_list if not tile.state.needs_someone],
        long=len(every) > LIST_FROM,
        as_list=len(every) > LIST_FROM and request.GET.get("view") == "list",
        rest=_rest(request),
        any_orphans=bool(unknown),
        orphans=orphans[:ORPHANS],
        more_orphans=len(orphans) - ORPHANS,
        published=import_string(PUBLISHED)(),
        beginning=beginning,
        may_change=bool(roles & EDITORS),
        officer=bool(roles & OFFICERS),
    )


def narrowed(every: list[overview.Tile], chosen: ApplicationFilter) -> list[overview.Tile]:
    """Return the tiles the filter leaves; a value nobody offers leaves all."""
    if not chosen.form.is_valid():
        return every
    left = set(chosen.qs.values_list("pk", flat=True))
    return [tile for tile in every if tile.application.pk in left and _is_like(tile.state, chosen)]


def narrowed_orphans(every: list[overview.Orphan], chosen: ApplicationFilter) -> list[overview.Orphan]:
    """Return the connections without an application the same filter leaves; none of them is a partner's."""
    if not chosen.form.is_valid():
        return every
    asked, left = chosen.form.cleaned_data, Connection.objects.filter(application=None)
    if asked["partner"] == "True":
        return []
    if asked["q"]:
        left = left.filter(pk__in=overview.matching(asked["q"]).values("pk"))
    if asked["school"]:
        left = _reaching(left, asked["school"])
    kept = set(left.values_list("pk", flat=True))
    return [each for each in every if each.line.connection.pk in kept and _is_like(each.line.state, chosen)]


def _is_like(state: State, chosen: ApplicationFilter) -> bool:
    """Say whether the state is the one the filter asks for."""
    asked = chosen.form.cleaned_data["state"]
    return not asked or (state.needs_someone if asked == NEED else state.kind.shape == asked)


def _rest(request: HttpRequest) -> str:
    """Return the query of this page without its page number and view, for the links that change those."""
    asked = request.GET.copy()
    for name in ("page", "view"):
        asked.pop(name, None)
    return asked.urlencode()
