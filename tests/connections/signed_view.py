"""A OneRoster 1.1 address that tells who asks, for tests of signed requests through the whole web application."""

from django.http import HttpResponse, JsonResponse
from django.urls import re_path
from rest_framework.views import APIView

from connections.authentication import BearerAuthentication, SignatureAuthentication
from interop.oneroster.errors import error_body


class WhoAsks(APIView):
    authentication_classes = (SignatureAuthentication, BearerAuthentication)
    permission_classes = ()

    def get(self, request):
        return JsonResponse({"connection": request.auth.connection})

    put = get

    def handle_exception(self, error):
        body = error_body(11, error)
        return HttpResponse(body, status=error.status, headers=error.headers, content_type="application/json")


urlpatterns = [re_path(r"^ims/oneroster/v1p1/", WhoAsks.as_view())]
