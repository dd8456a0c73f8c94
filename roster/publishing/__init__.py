"""Publishing: a refresh renders what changed and makes it visible as one edition."""

from roster.publishing.errors import Held, NoActiveYear, NotPublished, RefreshRunning
from roster.publishing.groups import GROUPS, Group
from roster.publishing.publish import Outcome, publish
from roster.publishing.rendering import Count

__all__ = ["GROUPS", "Count", "Group", "Held", "NoActiveYear", "NotPublished", "Outcome", "RefreshRunning", "publish"]
