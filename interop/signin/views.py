"""The page between password and portal for somebody of the data office without a second step."""

from allauth.account.utils import get_next_redirect_url
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from interop.signin import secondstep


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
