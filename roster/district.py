"""The district itself."""

from roster.models import District


def name() -> str:
    """Return the district's name; blank before its data has come."""
    found = District.objects.filter(ended_at=None).order_by("sourced_id").values_list("name", flat=True).first()
    return found or ""
