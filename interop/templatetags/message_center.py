"""The way to the Message Center in the header of every page, with the number of unread messages."""

from typing import Any

from django import template

from interop.messages.telling import unread

register = template.Library()


@register.inclusion_tag("interop/messages_link.html", takes_context=True)
def messages_link(context: dict[str, Any]) -> dict[str, Any]:
    """Return what the link shows to the signed-in person."""
    return {"unread": unread(context["user"])}
