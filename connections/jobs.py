"""What connections have the portal do by itself."""

from django.utils import timezone
from django.utils.translation import gettext as _

from connections import alerts, ending, partitions, usage
from interop.jobs.running import Busy, Run


def add_up_usage(_run: Run) -> str:
    """Add up what the access log has since the last time, and tell of what a vendor never did before.

    Raises Busy when somebody else is at it.
    """
    if not usage.roll_up():
        raise Busy
    alerts.look(timezone.now())
    return _("Added up.")


def turn_access_log(_run: Run) -> str:
    """Make the coming months of the access log, and drop those the district keeps no longer."""
    made, dropped = partitions.turn(timezone.now())
    return _("%(made)d months made, %(dropped)d dropped.") % {"made": made, "dropped": dropped}


def tell_of_ends(_run: Run) -> str:
    """Tell the data office which connections end soon, each on its day."""
    ending.tell_of_ends(timezone.now())
    return _("Looked at every connection.")
