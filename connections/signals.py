"""A change of a connection's enabled schools bumps its revision, however it was made."""

from typing import Any

from django.db.models import F
from django.db.models.signals import m2m_changed
from django.dispatch import receiver

from connections.models import Connection


@receiver(m2m_changed, sender=Connection.schools.through)
def schools_changed(instance: Any, action: str, *, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    """Bump the revision of every connection the change touches."""
    if action in {"post_add", "post_remove", "pre_clear"}:
        if not reverse:
            touched = {instance.pk}
        elif pk_set is None:
            touched = set(Connection.objects.filter(schools=instance).values_list("pk", flat=True))
        else:
            touched = pk_set
        Connection.objects.filter(pk__in=touched).update(revision=F("revision") + 1)
