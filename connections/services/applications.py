"""Acts on applications."""

from django.db import transaction
from django.utils.text import slugify

from connections.models import Application
from interop import audit

RESERVED = frozenset({"add", "suggest"})
"""Pages of their own where the page of an application of this name would be."""


@transaction.atomic
def application_named(name: str, *, partner: bool, actor: str) -> Application:
    """Return the application of this name (case does not matter), made if it is not there, a partner if asked."""
    name = " ".join(name.split())
    known = Application.objects.select_for_update().filter(name__iexact=name).first()
    if known is None:
        made = Application(name=name, slug=free_slug(name), partner=partner)
        made.full_clean()
        made.save()
        audit.record(actor, "created", made, after={"name": name, "partner": partner})
        return made
    if partner and not known.partner:
        known.partner = True
        known.save()
        audit.record(actor, "changed", known, before={"partner": False}, after={"partner": True})
    return known


def free_slug(name: str) -> str:
    """Return a short name no other application has."""
    stem = slugify(name)[:180] or "application"
    taken = RESERVED.union(Application.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 2, stem
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug
