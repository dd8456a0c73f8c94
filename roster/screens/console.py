"""The API console: an endpoint asked as one connection would ask it. It reads only, and every use is audited."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from connections.grants import Grant, grant_of
from connections.models import VERSIONS, Connection
from connections.screens.common import connection_or_404, trail_to
from interop import audit
from interop.admin.pages import page
from interop.oneroster.endpoints import Endpoint
from roster.console import MOST, Answer, ask, endpoints_of
from roster.reading.finding import names_of
from roster.screens.documents import indented, references, table

TRIED = "tried the API"
LIST, SINGLE = ("limit", "offset", "sort", "orderBy", "filter", "fields"), ("fields",)
EXAMPLES = {"filter": "status='active'", "sort": "sourcedId", "orderBy": "asc", "fields": "sourcedId,status"}


class Parameters(forms.Form):
    """The sourcedIds in the path of one endpoint, and its query parameters."""

    def __init__(self, endpoint: Endpoint, data: Any = None) -> None:
        super().__init__(data)
        self.endpoint = endpoint
        for name in endpoint.parameters:
            self.fields[f"path-{name}"] = forms.CharField(max_length=255, strip=False, label=name)
        for name in LIST if endpoint.kind == "list" else SINGLE:
            initial = "10" if name == "limit" else ""
            self.fields[name] = forms.CharField(
                max_length=2000, required=False, label=name, initial=initial, help_text=EXAMPLES.get(name, "")
            )

    def names(self) -> dict[str, str]:
        """Return the sourcedIds of the path."""
        return {name: self.cleaned_data[f"path-{name}"] for name in self.endpoint.parameters}

    def query(self) -> dict[str, str]:
        """Return the query parameters that were filled in."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("path-") and value}


def api_console(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the endpoints and the fields of the chosen one; on POST its answer.

    The answer comes with the POST itself: parameters may name people, so they belong in no address.
    """
    connection = connection_or_404(pk)
    grant = grant_of(connection)
    endpoints = endpoints_of(grant.version)
    wanted = (request.POST if request.method == "POST" else request.GET).get("endpoint", "")
    endpoint = next((each for each in endpoints if each.operation == wanted), endpoints[0])
    form = Parameters(endpoint, request.POST if request.method == "POST" else None)
    told: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        told = _answer(request, connection, grant, form)
    return page(
        request,
        "roster/console.html",
        _("API console"),
        opening=_("Asked as %(name)s. It reads only, and the audit trail keeps every use.") % {"name": connection.name},
        trail=trail_to(connection),
        connection=connection,
        version=VERSIONS[grant.version],
        endpoints=endpoints,
        endpoint=endpoint,
        may=bool(grant.scopes.intersection(endpoint.scopes_in(grant.version))),
        most=MOST,
        form=form,
        **told,
    )


def _answer(request: HttpRequest, connection: Connection, grant: Grant, form: Parameters) -> dict[str, Any]:
    answer = ask(grant, form.endpoint, form.names(), form.query())
    names = names_of(grant, references(answer.records))
    fields, cells = table(answer.records, names)
    audit.record(request.user.get_username(), TRIED, connection, after=_use(form, answer))
    return {"answer": answer, "fields": fields, "cells": cells, "json": indented(answer.body)}


def _use(form: Parameters, answer: Answer) -> dict[str, Any]:
    """Return what the audit trail keeps: names of what was asked by, never the values."""
    return {
        "operation": form.endpoint.operation,
        "parameters": sorted(form.query()),
        "filter_fields": list(answer.filter_fields),
        "status": answer.status,
        "records": len(answer.records),
    }
