"""The stock screens for applications, connections and what they did. No list or page shows a secret or a token."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from connections import services
from connections.models import AccessLog, Application, Connection, Credential
from connections.oauth2 import token_url
from connections.scopes import scopes_of
from interop import audit
from interop.models import AuditEvent

if TYPE_CHECKING:
    from django.forms import ModelForm

for _model in apps.get_app_config("oauth2_provider").get_models():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to read, never to add or change."""

    actions = None

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "partner", "purpose")
    list_filter = ("partner",)
    search_fields = ("name",)
    prepopulated_fields: ClassVar = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Application, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001
        """Save and audit."""
        super().save_model(request, obj, form, change)
        before = {name: form.initial.get(name) for name in form.changed_data} if change else {}
        after = {name: form.cleaned_data[name] for name in form.changed_data}
        audit.record(actor(request), "changed" if change else "created", obj, before=before, after=after)

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        """Delete and audit."""
        audit.record(actor(request), "deleted", obj, before={"name": obj.name, "partner": obj.partner})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        """Delete and audit each."""
        for obj in queryset:
            self.delete_model(request, obj)


class CredentialInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Credential
    extra = 0
    fields = readonly_fields = ("client_id", "created_at", "expires_at", "revoked_at", "last_used_at")
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Credentials are generated, not typed."""
        return False


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "application", "version", "oauth", "enabled", "expires_at")
    list_filter = ("enabled", "version", "application")
    list_select_related = ("application",)
    search_fields = ("name", "application__name")
    filter_horizontal = ("schools",)
    readonly_fields = ("revision", "created_at", "created_by", "scopes")
    actions = ("disable", "enable")
    inlines = (CredentialInline,)
    change_form_template = "admin/connections/connection/change_form.html"

    @admin.display(description=gettext_lazy("scopes"))
    def scopes(self, connection: Connection) -> str:
        """What the connection may have now."""
        return "\n".join(scopes_of(connection)) if connection.pk else "-"

    def get_urls(self) -> list[URLPattern]:
        """Add the page that generates credentials."""
        page = self.admin_site.admin_view(self.generate_credentials)
        return [
            path("<int:pk>/credentials/", page, name="connections_connection_credentials"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Connection, form: "ModelForm[Any]", change: bool) -> None:  # noqa: FBT001, ARG002
        """Save; the facts before are kept for the audit event that follows the schools."""
        before = services.facts(Connection.objects.get(pk=obj.pk)) if change else {}
        if not change:
            obj.created_by = actor(request)
        obj.save()
        request.__dict__["_facts_before"] = before

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Save the schools, then audit the whole change."""
        super().save_related(request, form, formsets, change)
        audit.record(
            actor(request),
            "changed" if change else "created",
            form.instance,
            before=request.__dict__.pop("_facts_before", {}),
            after=services.facts(form.instance),
        )

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        """Delete and audit."""
        services.delete_connection(obj, actor=actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Delete and audit each."""
        for obj in queryset:
            self.delete_model(request, obj)

    @admin.action(description=gettext_lazy("Disable selected connections"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Stop the flow of data."""
        done = [services.disable(connection, actor=actor(request)) for connection in queryset.filter(enabled=True)]
        message = ngettext("%d connection is disabled.", "%d connections are disabled.", len(done)) % len(done)
        self.message_user(request, message)

    @admin.action(description=gettext_lazy("Enable selected connections"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        """Let data flow again."""
        done = [services.enable(connection, actor=actor(request)) for connection in queryset.filter(enabled=False)]
        message = ngettext("%d connection is enabled.", "%d connections are enabled.", len(done)) % len(done)
        self.message_user(request, message)

    @sensitive_variables("issued", "context")
    def generate_credentials(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask first; on POST make a credential and show its secret, this once."""
        connection = get_object_or_404(Connection, pk=pk)
        if not self.has_change_permission(request, connection):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        issued = None
        if request.method == "POST":
            try:
                issued = services.add_credential(connection, actor=actor(request))
            except services.TooManyCredentials as error:
                self.message_user(request, _(str(error)), messages.ERROR)
                return HttpResponseRedirect(reverse("admin:connections_connection_change", args=[pk]))
            self.log_change(request, connection, [{"added": {"name": "credential", "object": str(issued.credential)}}])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Generate credentials"),
            "opts": self.opts,
            "connection": connection,
            "issued": issued,
            "token_url": token_url(),
        }
        response = TemplateResponse(request, "admin/connections/connection/credentials.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    list_display = ("client_id", "connection", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("connection",)
    search_fields = ("client_id", "connection__name")
    fields = ("connection", "client_id", "secret_tail", "created_at", "expires_at", "revoked_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing a credential ends the connections that use it."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name only the credentials on the page that asks; their tokens go silently with them."""
        _to_delete, count, _needed, protected = super().get_deleted_objects(objs, request)
        return [str(obj) for obj in objs], count, set(), protected

    def delete_model(self, request: HttpRequest, obj: Credential) -> None:
        """Delete and audit."""
        services.remove_credential(obj, actor=actor(request))


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly):
    list_display = ("at", "reader", "operation", "filter_fields", "offset", "limit", "records", "total", "status")
    list_filter = ("status",)
    search_fields = ("request_id",)
    show_full_result_count = False
    fields = (*list_display, "request_id", "address")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        """Bring the connections along; a deleted one is None."""
        return super().get_queryset(request).select_related("connection")

    @admin.display(description=gettext_lazy("connection"))
    def reader(self, row: AccessLog) -> str:
        """The connection's name, or its number once it is deleted."""
        return str(row.connection or _("deleted connection %s") % row.connection_id)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "actor", "act", "object_type", "object_name")
    list_filter = ("act", "object_type")
    search_fields = ("actor", "object_name")


def actor(request: HttpRequest) -> str:
    """Return the name the audit trail knows the signed-in person by."""
    return request.user.get_username()
