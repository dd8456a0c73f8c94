"""What signing in stores sealed: the secrets of second steps, inside allauth's JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection as database

_EXCHANGE = """
    UPDATE mfa_authenticator SET data = jsonb_set(data, ARRAY[%(key)s], to_jsonb(%(new)s::text))
    WHERE id = %(id)s AND data ->> %(key)s = %(old)s
"""


@dataclass(frozen=True)
class SecondStep:
    """One key of the JSON of authenticators."""

    name: str
    key: str

    def values(self) -> Iterator[tuple[Any, bytes]]:
        """Yield primary key and bytes."""
        having = Authenticator.objects.filter(data__has_key=self.key).order_by("pk")
        for pk, text in having.values_list("pk", f"data__{self.key}").iterator(chunk_size=500):
            yield pk, text.encode()

    def exchange(self, where: Any, old: bytes, new: bytes) -> None:
        """Change this key alone: a recovery code may be used up at the same moment."""
        given = {"id": where, "key": self.key, "old": old.decode(), "new": new.decode()}
        with database.cursor() as cursor:
            cursor.execute(_EXCHANGE, given)


PLACES = (SecondStep("secrets of authenticator apps", "secret"), SecondStep("seeds of recovery codes", "seed"))
