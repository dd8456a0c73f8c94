"""Values of records as people read them."""

import datetime as dt
from typing import Any

from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from interop.dates import moment_words


def in_words(value: Any) -> str:
    """Return a value as people read it; blank for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.datetime):
        return capfirst(moment_words(value, timezone.now()))
    if isinstance(value, dt.date):
        return str(formats.date_format(value, "M j, Y"))
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each) for each in value)
    return str(value)
