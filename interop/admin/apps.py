"""Makes the portal's own admin site the default one."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """The stock admin app with the portal's site."""

    default_site = "interop.admin.site.PortalSite"
