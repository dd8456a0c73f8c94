"""All records of connections, to read: what changes them are the product screens. No page shows a secret or a token."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import AccessLog, Application, Connection, Credential
from connections.scopes import scopes_of
from interop.models import AuditEvent

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
class ApplicationAdmin(ReadOnly):
    list_display = ("name", "partner", "purpose")
    list_filter = ("partner",)
    search_fields = ("name",)


class CredentialInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Credential
    extra = 0
    fields = readonly_fields = ("client_id", "created_at", "expires_at", "revoked_at", "last_used_at")
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Credentials are generated, not typed."""
        return False


@admin.register(Connection)
class ConnectionAdmin(ReadOnly):
    list_display = ("name", "application", "version", "oauth", "enabled", "expires_at")
    list_filter = ("enabled", "version", "application")
    list_select_related = ("application",)
    search_fields = ("name", "application__name")
    readonly_fields = ("revision", "created_at", "created_by", "scopes")
    inlines = (CredentialInline,)
    change_form_template = "admin/connections/connection/change_form.html"

    @admin.display(description=gettext_lazy("scopes"))
    def scopes(self, connection: Connection) -> str:
        """What the connection may have now."""
        return "\n".join(scopes_of(connection)) if connection.pk else "-"


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    list_display = ("client_id", "connection", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("connection",)
    search_fields = ("client_id", "connection__name")
    fields = ("connection", "client_id", "secret_tail", "created_at", "expires_at", "revoked_at", "last_used_at")


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly):
    list_display = ("at", "reader", "operation", "filter_fields", "offset", "limit", "records", "total", "status")
    list_filter = ("status",)
    search_fields = ("request_id",)
    show_full_result_count = False
    ordering = ("-id",)
    fields = (*list_display, "version", "bytes", "milliseconds", "edition", "times", "request_id", "address")

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
