"""Deletions: what waits for a second security officer, and the certificates of what is gone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from interop.admin.pages import page
from interop.disposals import deciding
from interop.disposals.models import Disposal
from interop.signin.recent import recently_signed_in, sign_in_again

SHOWN = 50


def index(request: HttpRequest) -> HttpResponse:
    """List what waits and what is done; on POST approve or decline one of them, as somebody else than who asked."""
    if request.method == "POST":
        return _decided(request)
    newest = list(Disposal.objects.all()[:SHOWN])
    me = request.user.get_username()
    return page(
        request,
        "interop/disposals.html",
        _("Deletions"),
        opening=_("Data is deleted for good only after a second security officer has looked at it."),
        waiting=[(each, each.asked_by.casefold() != me.casefold()) for each in newest if each.is_open],
        ended=[each for each in newest if not each.is_open],
    )


def certificate(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001
    """Send the certificate of a deletion that was carried out."""
    done = get_object_or_404(Disposal.objects.exclude(done_at=None), pk=pk)
    answer = JsonResponse(done.certificate, json_dumps_params={"indent": 2})
    answer.headers["Content-Disposition"] = f'attachment; filename="certificate-{pk}.json"'
    return answer


def _decided(request: HttpRequest) -> HttpResponse:
    told, by = request.POST.get("disposal", ""), request.user.get_username()
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise Http404
    if not recently_signed_in(request):
        return sign_in_again(request, back=request.path)
    try:
        if request.POST.get("act") == "decline":
            deciding.decline(int(told), by=by)
            messages.success(request, _("Declined. Nothing is deleted."))
        else:
            deciding.approve(int(told), by=by)
            messages.success(request, _("Approved for a week. Whoever asked runs the command once more."))
    except Disposal.DoesNotExist:
        messages.warning(request, _("That request has been decided already."))
    except PermissionError as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:disposals")
