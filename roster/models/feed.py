"""What the SIS feed remembers of itself: its imports, how the last one is undone, and the limits that hold one."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AppliedPackage(models.Model):
    """The package applied last, known by the SHA-256 of its files; one row."""

    digest = models.BinaryField()
    applied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"package applied {self.applied_at:%Y-%m-%d %H:%M}"

    @classmethod
    def is_last(cls, digest: bytes) -> bool:
        """Say whether the package with this digest was the last one applied."""
        return cls.objects.filter(pk=1, digest=digest).exists()

    @classmethod
    def remember(cls, digest: bytes) -> None:
        """Note the package that is being applied."""
        cls.objects.update_or_create(pk=1, defaults={"digest": digest, "applied_at": timezone.now()})


class FeedImport(models.Model):
    """One package that came in, and what became of it.

    `path` is where its file waits (blank once it is not needed any more). `told` is what happened, in a sentence.
    `counts` has new, changed, ended and before for each kind; `schools` the same by school; `samples` some of the rows
    concerned. Problems and samples quote the package, so they are deleted long before the row itself.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", _("uploaded")
        FOLDER = "folder", _("picked up from the watched folder")
        COMMAND = "command", _("given to the command")

    class State(models.TextChoices):
        """`waiting` has not begun or may go on; `stopped` was replaced by a later import, or nobody decided in time."""

        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("At work")
        HELD = "held", _("Held")
        PUBLISHING = "publishing", _("Publishing")
        DONE = "done", _("Applied")
        NOTHING = "nothing", _("Nothing to do")
        REFUSED = "refused", _("Refused")
        REJECTED = "rejected", _("Rejected")
        STOPPED = "stopped", _("Replaced")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class Decision(models.TextChoices):
        ALL = "all", _("Apply everything")
        ADDITIONS = "additions", _("Apply additions and changes only")
        REJECT = "reject", _("Reject this import")

    name = models.CharField(max_length=255)
    source = models.CharField(max_length=10, choices=Source)
    by = models.CharField(max_length=255, blank=True)
    path = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField(default=0)
    digest = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    at = models.DateTimeField(db_default=Now())
    applied_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told = models.TextField(blank=True)
    times = models.JSONField(default=dict)
    rows = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    schools = models.JSONField(default=list)
    samples = models.JSONField(default=list)
    alarms = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    errors = models.PositiveIntegerField(default=0)
    warnings = models.JSONField(default=list)
    add_only = models.BooleanField(default=False)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    decided_by = models.CharField(max_length=255, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    undone_by = models.CharField(max_length=255, blank=True)
    undone_why = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (models.Index(fields=["-at"], name="feed_import_at"),)

    def __str__(self) -> str:
        return self.name


class FeedStep(models.Model):
    """One statement of the last import that changed a table; `feed` is set when the import is complete.

    `columns` are those it set in rows that were there; blank when rows were taken away.
    """

    feed = models.ForeignKey(FeedImport, null=True, on_delete=models.CASCADE, related_name="steps")
    table_name = models.CharField(max_length=63)
    columns = ArrayField(models.CharField(max_length=63), default=list)

    def __str__(self) -> str:
        return f"step {self.pk}: {self.table_name}"


class FeedTrace(models.Model):
    """What a step made (numbers of rows), or one row as it was before: the set columns, or all of a deleted row."""

    # without a constraint: it would be checked for each row once more at the commit
    step = models.ForeignKey(FeedStep, on_delete=models.CASCADE, related_name="traces", db_constraint=False)
    made = ArrayField(models.BigIntegerField(), null=True)
    row = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"trace of step {self.step_id}"


class FeedSettings(models.Model):
    """One row: how imports are done."""

    add_only = models.BooleanField(_("Only add and change, end nothing"), default=False)
    two_people = models.BooleanField(_("Who uploaded a held import may not approve it"), default=False)
    least = models.PositiveIntegerField(_("Rows from which on an import can be held"), default=25)

    def __str__(self) -> str:
        return "Import settings"

    @classmethod
    def load(cls) -> "FeedSettings":
        """Return the one row, or the defaults when nobody changed them yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class FeedLimit(models.Model):
    """How much of one kind may end and change, in percent, before somebody must look; blank: of every other kind."""

    kind = models.CharField(max_length=40, unique=True)
    ended = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    changed = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])

    def __str__(self) -> str:
        return self.kind or "every other kind"


class FeedPause(models.Model):
    """Days of the district, both included, on which imports wait."""

    first = models.DateField(_("From"))
    last = models.DateField(_("To"))
    why = models.CharField(_("Why"), max_length=200)

    class Meta:
        ordering = ("first", "pk")

    def __str__(self) -> str:
        return f"{self.first} to {self.last}: {self.why}"
