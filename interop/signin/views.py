"""The door, the page between password and portal for whoever lacks a second step, and staying signed in."""

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from interop.admin.roles import roles_of
from interop.signin import secondstep, sessions


@never_cache
@login_required
def door(request: HttpRequest) -> HttpResponse:
    """Send everybody to their pages: the data office to the admin, people of the roster home."""
    return redirect("admin:index" if roles_of(request.user) else "home")


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Keep the session of somebody who is still there; say in how many seconds it now ends, and ends at the latest."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    sessions.renew(request)
    left, last = sessions.ends_in(request)
    return JsonResponse({"left": left, "last": last})


@require_safe
@never_cache
@login_required
def second_step(request: HttpRequest) -> HttpResponse:
    """Offer the ways to set a second step up, and to go on without one where that is allowed.

    Somebody who has one, but came in without it, has to sign in again.
    """
    back = get_next_redirect_url(request) or reverse("door")
    if secondstep.done(request):
        return redirect(back)
    context = {
        "back": back,
        "may_wait": secondstep.may_wait(),
        "has_one": is_mfa_enabled(request.user),
    }
    return render(request, "account/second_step.html", context)
