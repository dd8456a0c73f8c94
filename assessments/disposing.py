"""What assessments keep of people who are deleted beside their scores, which go with them."""

from collections.abc import Iterable

from django.db.models import Q

from assessments.models import Unmatched


def forget(ids: Iterable[str]) -> None:
    """Delete what waits for or about somebody with one of these wire ids."""
    for wire_id in ids:
        Unmatched.objects.filter(Q(student=wire_id) | Q(body__contains=f'"{wire_id}"')).delete()
