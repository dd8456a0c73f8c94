"""What learning tools need done by itself, once a day."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from connections.models import SharingSettings
from interop.jobs.running import Run
from lti import keys, rosters
from lti.models import Launch, MemberSnapshot, PlatformKey, Registration, ServiceToken, ToolCall, UsedMark

LONG_OVER = dt.timedelta(days=1)


def daily(_run: Run) -> str:
    """Make the next signing key in time, and delete what is long over."""
    now = timezone.now()
    if PlatformKey.objects.exists():
        keys.ready(now)
    for model in (Launch, ServiceToken, UsedMark):
        model._default_manager.filter(expires_at__lt=now - LONG_OVER).delete()
    Registration.objects.filter(expires_at__lt=now - LONG_OVER, tool=None).delete()
    MemberSnapshot.objects.filter(at__lt=now - rosters.KEPT).delete()
    kept = dt.timedelta(days=31 * SharingSettings.load().log_months)
    ToolCall.objects.filter(at__lt=now - kept).delete()
    return _("What was long over is deleted.")
