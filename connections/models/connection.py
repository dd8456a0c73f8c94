"""Connections, what waits for a second person, and what holds for all of them."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.models.applications import Application

VERSIONS = {11: "1.1", 12: "1.2"}


class Connection(models.Model):
    """An application's OneRoster connection: version, OAuth kind, shared data, enabled schools, state.

    `revision` grows with every change, so a grant parsed earlier is known to be old.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="connections",
        null=True,
        blank=True,
        help_text=_("Blank: brought from an older system, and its vendor is not known yet."),
    )
    name = models.CharField(_("name"), max_length=200)
    purpose = models.TextField(_("purpose"), blank=True)
    version = models.PositiveSmallIntegerField(_("OneRoster version"), choices=list(VERSIONS.items()), default=12)
    oauth = models.PositiveSmallIntegerField(_("OAuth version"), choices=[(1, "1"), (2, "2")], default=2)
    enabled = models.BooleanField(_("enabled"), default=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    all_schools = models.BooleanField(_("all schools"), default=True)
    schools = models.ManyToManyField("roster.School", blank=True, related_name="+", verbose_name=_("enabled schools"))
    share_gradebook = models.BooleanField(_("share grade book"), default=False)
    share_assessments = models.BooleanField(_("share assessments"), default=False)
    assessments_as_line_items = models.BooleanField(_("also list assessments as line items"), default=False)
    share_demographics = models.BooleanField(_("share demographics"), default=False)
    share_guardians = models.BooleanField(_("share guardians"), default=True)
    share_relatives = models.BooleanField(_("share relatives"), default=True)
    use_secondary_email = models.BooleanField(_("use secondary email"), default=False)
    allow_sha1 = models.BooleanField(
        _("accept HMAC-SHA1"), default=False, help_text=_("Only for an OAuth 1 vendor that cannot sign by HMAC-SHA256.")
    )
    bucket = models.PositiveIntegerField(
        _("requests at a stretch"), null=True, blank=True, help_text=_("Blank: as the district sets it. 0: no limit.")
    )
    refill = models.PositiveIntegerField(
        _("requests a second"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Blank: as the district sets it."),
    )  # fmt: skip
    at_once = models.PositiveIntegerField(
        _("requests at once"), null=True, blank=True, help_text=_("Blank: as the district sets it. 0: no limit.")
    )
    networks = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, verbose_name=_("addresses it may call from"),
        help_text=_("Blank: from anywhere."),
    )  # fmt: skip
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True, editable=False)
    frozen_by = models.CharField(_("frozen by"), max_length=255, blank=True, editable=False)
    frozen_why = models.CharField(_("why it is frozen"), max_length=300, blank=True, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=255, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["application__name", "name", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({VERSIONS.get(self.version, self.version)})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and, when it was there before, bump the revision in the database."""
        known = not self._state.adding
        if known:
            self.revision = F("revision") + 1
            if (only := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*only, "revision"}
        super().save(*args, **kwargs)
        if known:
            self.refresh_from_db(fields=["revision"])

    @property
    def partner(self) -> bool:
        """Whether the vendor is a partner; an unknown one is not."""
        return self.application is not None and self.application.partner

    @property
    def limits_schools(self) -> bool:
        """Whether the connection can be limited to schools: 1.2, and 1.1 with OAuth 2."""
        return self.version == 12 or self.oauth == 2

    def clean(self) -> None:
        """Raise ValidationError for shared data this application or version cannot have."""
        errors: dict[str, Any] = {}
        partner = self.partner
        for field, title in (("share_gradebook", _("Grade book")), ("share_assessments", _("Assessments"))):
            if getattr(self, field) and not partner:
                errors.setdefault(field, []).append(_("%s can be shared with partners only.") % title)
        if self.share_assessments and self.version != 12:
            errors.setdefault("share_assessments", []).append(_("Assessments need OneRoster 1.2."))
        if self.share_demographics and self.oauth != 2:
            errors.setdefault("share_demographics", []).append(_("Demographics need OAuth 2."))
        if not self.all_schools and not self.limits_schools:
            errors.setdefault("all_schools", []).append(_("OneRoster 1.1 with OAuth 1 cannot be limited to schools."))
        if self.oauth == 1 and self.version != 11:
            errors.setdefault("oauth", []).append(_("OAuth 1 is for OneRoster 1.1 only."))
        if self.oauth == 1 and self.expires_at is None:
            errors.setdefault("expires_at", []).append(_("An OAuth 1 connection always has an end."))
        if self.allow_sha1 and self.oauth != 1:
            errors.setdefault("allow_sha1", []).append(_("HMAC-SHA1 belongs to OAuth 1."))
        if errors:
            raise ValidationError(errors)


class Approval(models.Model):
    """A change that waits for a second security officer; it names the switch of the connection it would turn on."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="approvals")
    switch = models.CharField(max_length=50)
    asked_by = models.CharField(max_length=255)
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "switch"], name="one_approval_a_switch")]

    def __str__(self) -> str:
        return f"{self.switch} for {self.connection}"


class SharingSettings(models.Model):
    """One row: what holds for every connection of the district."""

    allow_oauth1 = models.BooleanField(_("Allow new OAuth 1 connections"), default=False)
    oauth2_expires = models.BooleanField(_("OAuth 2 connections expire after a year too"), default=False)
    two_for_demographics = models.BooleanField(_("A second person must approve demographics"), default=False)
    secondary_email_11 = models.BooleanField(_("Use Secondary Email addresses for OneRoster 1.1"), default=False)
    suggestions_url = models.URLField(_("Where suggestions of partners go"), blank=True)
    roster_sync = models.BooleanField(_("Roster sync"), default=True)
    gradebook_sync = models.BooleanField(_("Grade book sync"), default=True)
    assessments_sync = models.BooleanField(_("Assessments sync"), default=True)
    learning_tool = models.BooleanField(_("Learning tool"), default=True)
    score_passback = models.BooleanField(_("Score passback"), default=True)
    stopped = models.BooleanField(_("Stop the whole API"), default=False)
    writes_stopped = models.BooleanField(_("Stop all writes"), default=False)
    bucket = models.PositiveIntegerField(_("Requests at a stretch"), default=3000)
    refill = models.PositiveIntegerField(
        _("Requests a second after that"), default=20, validators=[MinValueValidator(1)]
    )
    at_once = models.PositiveIntegerField(_("Requests at once"), default=5)
    log_months = models.PositiveSmallIntegerField(
        _("Months the access log is kept"), default=36, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )

    class Meta:
        verbose_name = verbose_name_plural = _("sharing settings")

    def __str__(self) -> str:
        return "Sharing settings"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it one row, and have every connection judged anew."""
        self.pk = 1
        super().save(*args, **kwargs)
        Connection.objects.update(revision=F("revision") + 1)

    @classmethod
    def load(cls) -> "SharingSettings":
        """Return the one row, or the defaults when nobody changed them yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)
