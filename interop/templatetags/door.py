"""What the pages around the portal (signing in, errors) know without a view telling them."""

from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.conf import settings
from django.utils.module_loading import import_string

from interop.admin.site import DISTRICT_NAME
from interop.settings.checks import is_address
from interop.signin import roster, sessions

register = template.Library()


@register.simple_tag
def district() -> str:
    """Return the name of the district; blank before its data has come."""
    return str(import_string(DISTRICT_NAME)())


@register.simple_tag(takes_context=True)
def single_sign_on(context: template.Context) -> dict[str, str] | None:
    """Return name and address of the district's identity provider, leading on to where this page leads; else None."""
    if not settings.SOCIALACCOUNT_PROVIDERS:
        return None
    request = context["request"]
    provider = get_adapter().list_providers(request)[0]
    back = {"next": request.GET["next"]} if request.GET.get("next") else {}
    return {"name": provider.name, "address": provider.get_login_url(request, **back)}


@register.simple_tag(takes_context=True)
def passkeys_work(context: template.Context) -> bool:
    """Return whether this address can have passkeys: they belong to a name, never to a number such as 127.0.0.1."""
    host = urlsplit(f"//{context['request'].get_host()}").hostname or ""
    return not is_address(host)


@register.simple_tag(takes_context=True)
def typed_name(context: template.Context) -> str:
    """Return what the signed-in person types as their username."""
    return roster.typed_name(context["request"].user)


@register.simple_tag(takes_context=True)
def session_clock(context: template.Context) -> dict[str, int] | None:
    """Return in how many seconds this session ends by itself, and ends at the latest; None for a stranger."""
    request = context.get("request")
    if not (request and hasattr(request, "user") and request.user.is_authenticated):
        return None
    left, last = sessions.ends_in(request)
    return {"left": left, "last": last}
