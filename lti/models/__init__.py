"""What the LTI platform keeps: tools, our keys, links, launches on their way, line items, scores, and who is who."""

from lti.models.keys import PlatformKey
from lti.models.launches import Launch, Registration, UsedMark
from lti.models.links import LineItem, ResourceLink, ToolScore
from lti.models.services import MemberSnapshot, ServiceToken, ToolCall
from lti.models.tools import Pseudonym, Tool

__all__ = [
    "Launch",
    "LineItem",
    "MemberSnapshot",
    "PlatformKey",
    "Pseudonym",
    "Registration",
    "ResourceLink",
    "ServiceToken",
    "Tool",
    "ToolCall",
    "ToolScore",
    "UsedMark",
]
