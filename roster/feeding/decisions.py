"""What people decide about imports: a held one is let through or turned away, the last one is taken back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from interop import audit
from interop.jobs import asking
from roster.feeding import deliveries
from roster.feeding.work import UNDO
from roster.imports import undoing
from roster.models import FeedImport, FeedSettings

State, Decision = FeedImport.State, FeedImport.Decision
ACTS = {
    Decision.ALL: "approved a held import",
    Decision.ADDITIONS: "approved additions and changes of a held import",
    Decision.REJECT: "rejected a held import",
}


def why_not(feed: FeedImport, person: str) -> str:
    """Return why this person may not approve the import; blank when they may."""
    if feed.by and feed.by == person and FeedSettings.load().two_people:
        return _("You uploaded it: somebody else must approve it.")
    return ""


@transaction.atomic
def decide(feed: FeedImport, decision: str, *, reason: str, actor: str) -> bool:
    """Let a held import through, or turn it away; False when it is not held any more.

    Raises PermissionError when it takes another person.
    """
    held = FeedImport.objects.select_for_update().get(pk=feed.pk)
    if held.state != State.HELD:
        return False
    if decision != Decision.REJECT and (told := why_not(held, actor)):
        raise PermissionError(told)
    held.decision, held.reason = Decision(decision), reason
    held.decided_by, held.decided_at = actor, timezone.now()
    if decision == Decision.REJECT:
        held.state, held.ended_at = State.REJECTED, held.decided_at
    else:
        held.state = State.WAITING
        asking.ask(deliveries.JOB, subject=str(held.pk))
    held.save()
    audit.record(actor, ACTS[held.decision], held, after={"reason": reason, "held because": held.told})
    if decision == Decision.REJECT:
        transaction.on_commit(lambda: deliveries.finish(held))
    return True


@transaction.atomic
def take_back(feed: FeedImport, *, reason: str, actor: str) -> bool:
    """Have the last import undone; False when it cannot be."""
    applied = FeedImport.objects.select_for_update().get(pk=feed.pk)
    if applied.state == State.UNDOING or not undoing.can_undo(applied):
        return False
    applied.state, applied.undone_by, applied.undone_why = State.UNDOING, actor, reason
    applied.save()
    asking.ask(UNDO, subject=str(applied.pk))
    audit.record(actor, "had an import undone", applied, after={"reason": reason})
    return True
