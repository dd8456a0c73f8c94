"""Publishing: a refresh renders what changed and makes it visible as one edition."""

from roster.publishing.errors import Held, NoActiveYear, NotPublished, RefreshRunning
from roster.publishing.publish import Count, Outcome, publish

__all__ = ["Count", "Held", "NoActiveYear", "NotPublished", "Outcome", "RefreshRunning", "publish"]
