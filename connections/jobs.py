"""What connections have the portal do by itself."""

from django.utils import timezone
from django.utils.translation import gettext as _

from connections import ending, usage
from interop.jobs.running import Busy, Run


def add_up_usage(_run: Run) -> str:
    """Add up what the access log has since the last time. Raises Busy when somebody else is at it."""
    if not usage.roll_up():
        raise Busy
    return _("Added up.")


def tell_of_ends(_run: Run) -> str:
    """Tell the data office which connections end soon, each on its day."""
    ending.tell_of_ends(timezone.now())
    return _("Looked at every connection.")
