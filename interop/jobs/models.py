"""The runs of all jobs: those that wait, the one at work, and what came of the others."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """What became of a run.

    `refused` ended as it should without having done its work, `held` waits for a person's decision, `dead` was given
    up.
    """

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", _("not done")
    HELD = "held", _("held")
    DEAD = "dead", _("given up")
    CANCELLED = "cancelled", _("cancelled")
    SKIPPED = "skipped", _("skipped")


OPEN = (State.WAITING, State.RUNNING)


class JobRun(models.Model):
    """One time a job is done: because a slot of its timetable came, or because somebody asked.

    `subject` is an id or a short word the job understands, never what a person could be known by. `attempt` counts how
    often it was begun; it is also the fence: what an earlier attempt says afterwards is not heard.
    """

    job = models.CharField(max_length=60)
    slot = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    asked_by = models.CharField(max_length=255, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    attempt = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    told = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job", "slot"], condition=~Q(slot=""), name="job_slot_once"),
            models.UniqueConstraint(
                fields=["job", "subject"], condition=Q(slot="", state=State.WAITING), name="job_waits_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN), name="job_open"),
            models.Index(fields=["job", "-due_at"], name="job_history"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.slot or self.pk}: {self.state}"
