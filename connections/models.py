"""Applications, their connections and the connections' credentials, tokens and access log."""

import datetime as dt
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

VERSIONS = {11: "1.1", 12: "1.2"}


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
    share_demographics = models.BooleanField(_("share demographics"), default=False)
    share_guardians = models.BooleanField(_("share guardians"), default=True)
    share_relatives = models.BooleanField(_("share relatives"), default=True)
    use_secondary_email = models.BooleanField(_("use secondary email"), default=False)
    allow_sha1 = models.BooleanField(
        _("accept HMAC-SHA1"), default=False, help_text=_("Only for an OAuth 1 vendor that cannot sign by HMAC-SHA256.")
    )
    no_limits = models.BooleanField(_("no request limits"), default=False)
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


class CredentialQuerySet(models.QuerySet["Credential"]):
    def live(self) -> "CredentialQuerySet":
        """Return the credentials that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), revoked_at=None)


class Credential(models.Model):
    """Key and hashed secret of a connection; two may live side by side while one is being rotated.

    A signature of OAuth 1 is checked with the secret itself: `sealed` holds it encrypted, for those connections only.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="credentials")
    client_id = models.CharField(_("client id"), max_length=64, unique=True, db_collation="C")
    secret_sha256 = models.BinaryField(max_length=32)
    secret_tail = models.CharField(_("secret ends with"), max_length=4)
    sealed = models.BinaryField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=255, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["connection_id", "id"]

    def __str__(self) -> str:
        return self.client_id


class HandOver(models.Model):
    """A link that shows a vendor its credentials once. The secret lies here encrypted until then, and is erased."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="hand_overs")
    sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=255)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_from = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


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


class AccessToken(models.Model):
    """An issued access token: its SHA-256, never the token."""

    KEPT = dt.timedelta(days=1)
    """How long an expired token stays: guessing.py asks who was given one within a day."""

    token_sha256 = models.BinaryField(max_length=32, unique=True)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="tokens")
    scope = models.TextField()
    address = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"token {self.pk}"


class DailyUse(models.Model):
    """What one connection did on one day of the district, added up from the access log."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0)
    last_call_at = models.DateTimeField(null=True)
    last_refusal_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "day"], name="one_row_a_day")]

    def __str__(self) -> str:
        return f"{self.connection} on {self.day}"


class UsageMark(models.Model):
    """One row: how far the access log has been added up, and the numbers below that which had not come yet."""

    last = models.BigIntegerField(default=0)
    missing = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"added up to {self.last}"


class TokenFailure(models.Model):
    """A refused attempt at the token endpoint; rows of the last minute limit guessing in every process alike."""

    KEPT = dt.timedelta(hours=1)

    address = models.CharField(max_length=64)
    client = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "at"], name="token_failure_recent")]

    def __str__(self) -> str:
        return f"refused attempt {self.pk}"


class Nonce(models.Model):
    """A signed request that was accepted, so that its replay is not. Who asked from where also limits guessing.

    A signature is good for some minutes round its timestamp; the rows stay much longer than that.
    """

    KEPT = dt.timedelta(days=1)

    digest = models.BinaryField(max_length=32, primary_key=True)
    credential = models.ForeignKey(
        Credential, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["credential", "address"], name="nonce_seen_from")]

    def __str__(self) -> str:
        return f"signed request at {self.at:%Y-%m-%d %H:%M:%S}"


class AccessLog(models.Model):
    """Who read what and when: one row per answered API request, without student data.

    Connection and credential are plain numbers with a name beside them in the admin: the log outlives both.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now(), db_index=True)
    operation = models.CharField(max_length=100)
    filter_fields = models.CharField(max_length=500, blank=True)
    offset = models.BigIntegerField(null=True)
    limit = models.BigIntegerField(null=True)
    records = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        verbose_name_plural = "access log"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.operation} {self.status}"
