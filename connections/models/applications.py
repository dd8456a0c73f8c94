"""Applications and what the catalogue adds to them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Application(models.Model):
    """A vendor's product in the catalogue; a partner's is supported, any other is connected at the district's risk."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), max_length=200, unique=True)
    partner = models.BooleanField(_("partner"), default=False)
    catalogue = models.SlugField(_("catalogue entry"), max_length=100, blank=True)
    description = models.TextField(_("description"), blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    contact = models.CharField(_("contact at the vendor"), max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = [Lower("name")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="application_name_once",
                violation_error_message=_("There is already an application of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and bump the revision of its connections: partner decides what they may have."""
        super().save(*args, **kwargs)
        self.connections.update(revision=F("revision") + 1)


class CatalogueEntry(models.Model):
    """A product the district adds to the catalogue, or its own word on one of ours; `told` as in catalogue.json."""

    slug = models.SlugField(max_length=100, unique=True)
    told = models.JSONField()

    def __str__(self) -> str:
        return str(self.told.get("name", self.slug))


class Suggestion(models.Model):
    """A vendor somebody would like to see among the partners."""

    name = models.CharField(_("vendor"), max_length=200)
    website = models.URLField(_("website"), blank=True)
    reason = models.TextField(_("why"), blank=True)
    suggested_by = models.CharField(max_length=255)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
