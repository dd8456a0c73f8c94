"""The tools of the district, and as whom each knows its people."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.models import Application
from roster.models import Person, School

URL_LENGTH = 2000


class Tool(models.Model):
    """An LTI connection of an application: one client with one deployment.

    It waits until somebody has accepted what it asks for (`accepted_at`), and opens nothing while it is not enabled.
    What of a person it is sent are the four switches; besides there is a pseudonym that is its own. `score_passback`
    lets it write scores, `share_members` lets it read who is in a section it was put into. `asked` is what it wanted
    when it registered itself.
    """

    class OpensIn(models.TextChoices):
        FRAME = "frame", _("within the page")
        WINDOW = "window", _("in a new tab")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="tools")
    name = models.CharField(_("name"), max_length=200)
    client_id = models.CharField(_("client id"), max_length=64, unique=True, db_collation="C")
    deployment_id = models.CharField(_("deployment id"), max_length=64, unique=True, db_collation="C")
    login_url = models.CharField(_("login URL"), max_length=URL_LENGTH)
    launch_url = models.CharField(_("launch URL"), max_length=URL_LENGTH)
    content_url = models.CharField(_("content selection URL"), max_length=URL_LENGTH, blank=True)
    redirect_urls = ArrayField(models.CharField(max_length=URL_LENGTH), verbose_name=_("redirect URLs"))
    origins = ArrayField(
        models.CharField(max_length=300), default=list, blank=True, verbose_name=_("other addresses of the tool")
    )
    key_set_url = models.CharField(_("key set URL"), max_length=URL_LENGTH, blank=True)
    public_key = models.TextField(_("public key"), blank=True)
    key_set = models.TextField(blank=True, default="", db_default="", editable=False)
    key_set_at = models.DateTimeField(null=True, editable=False)
    key_set_tried_at = models.DateTimeField(null=True, editable=False)
    enabled = models.BooleanField(_("enabled"), default=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    all_schools = models.BooleanField(_("all schools"), default=True)
    schools = models.ManyToManyField(School, blank=True, related_name="+", verbose_name=_("enabled schools"))
    for_teachers = models.BooleanField(_("teachers see it"), default=True)
    for_students = models.BooleanField(_("students see it"), default=False)
    for_parents = models.BooleanField(_("parents see it"), default=False)
    chooses_content = models.BooleanField(_("teachers choose content in it"), default=False)
    send_name = models.BooleanField(_("send the name"), default=False)
    send_email = models.BooleanField(_("send the email address"), default=False)
    send_sourced_id = models.BooleanField(_("send the sourcedId"), default=False)
    share_members = models.BooleanField(_("share who is in the section"), default=False)
    score_passback = models.BooleanField(_("score passback"), default=False)
    opens_in = models.CharField(_("opens"), max_length=10, choices=OpensIn.choices, default=OpensIn.WINDOW)
    custom = models.JSONField(_("custom parameters"), default=dict, blank=True)
    asked = models.JSONField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.CharField(max_length=255, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["application__name", "name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it may be used at all, as far as the tool itself is concerned."""
        return self.enabled and self.accepted_at is not None

    @property
    def facts(self) -> dict[str, Any]:
        """What the audit trail tells of it."""
        kept = {"id", "application", "key_set", "key_set_at", "key_set_tried_at", "last_used_at", "created_at", "asked"}
        return {each.name: getattr(self, each.attname) for each in self._meta.concrete_fields if each.name not in kept}


class Pseudonym(models.Model):
    """As whom one tool knows one person, for ever: it tells nothing, and other tools know another one."""

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="pseudonyms")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=64, db_collation="C")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tool", "person"], name="lti_one_pseudonym"),
            models.UniqueConstraint(fields=["tool", "value"], name="lti_pseudonym_of_one"),
        ]

    def __str__(self) -> str:
        return f"pseudonym {self.pk}"
