"""What the district adds to the catalogue: entries made, changed and removed, each act in the audit trail."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from connections import catalogue
from connections.models import CatalogueEntry
from interop import audit


def told_of(slug: str) -> Mapping[str, Any] | None:
    """Return what is told of the entry of this slug, by the district or else by us; None when there is none."""
    added = CatalogueEntry.objects.filter(slug=slug).first()
    return added.told if added else catalogue.own_told().get(slug)


def slug_of(name: str) -> str:
    """Return the slug an entry of this name gets; blank when that cannot be one."""
    slug = slugify(name)[:100]
    return "" if slug in catalogue.RESERVED else slug


@transaction.atomic
def save_entry(told: dict[str, Any], *, actor: str) -> CatalogueEntry:
    """Add the entry, or replace what was told of its slug before. Raises Malformed."""
    catalogue.parsed(told)
    known = CatalogueEntry.objects.select_for_update().filter(slug=told["slug"]).first()
    before = known.told if known else catalogue.own_told().get(told["slug"])
    if before == told:
        return known or CatalogueEntry(slug=told["slug"], told=told)
    saved, _new = CatalogueEntry.objects.update_or_create(slug=told["slug"], defaults={"told": told})
    act = "changed the catalogue" if before else "added to the catalogue"
    audit.record(actor, act, saved, before=_facts(before), after=_facts(told))
    return saved


@transaction.atomic
def remove_entry(entry: CatalogueEntry, *, actor: str) -> None:
    """Remove what the district told; an entry of ours it had replaced is back as we tell it."""
    audit.record(actor, "removed from the catalogue", entry, before=_facts(entry.told))
    entry.delete()


def _facts(told: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an entry flat, as the trail shows it: what each OneRoster version supports is a line of its own."""
    if not told:
        return {}
    flat = {name: value for name, value in told.items() if name not in {"oneroster", "links"}}
    for version, offer in told["oneroster"].items():
        kinds = ", ".join(f"OAuth {kind}" for kind in offer["oauth"])
        flat[f"OneRoster {version}"] = f"{', '.join(offer['functions'])}; {kinds}"
    return flat | {"links": [link["url"] for link in told.get("links", ())]}
