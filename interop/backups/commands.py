"""What the three commands about backups share: the key, refusals in one sentence, and the line in the audit trail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError

from interop.backups import restoring, taking
from interop.backups.sealing import Unreadable
from interop.backups.tools import NoProgram
from interop.models import AuditEvent

INSTALLATION = "interop.Installation"


def key() -> str:
    """Return BACKUP_KEY; raises CommandError when none is given."""
    if not settings.BACKUP_KEY:
        raise CommandError(
            "Set BACKUP_KEY or BACKUP_KEY_FILE: what backups are encrypted with. Keep a copy away from this machine."
        )
    return str(settings.BACKUP_KEY)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn what can go wrong with a backup into CommandError."""
    try:
        yield
    except (Unreadable, NoProgram, restoring.Refused, taking.Failed) as refusal:
        raise CommandError(str(refusal)) from refusal
    except psycopg.Error as error:
        raise CommandError(f"PostgreSQL refused: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'The file'} cannot be used: {error.strerror}.") from error


def note(act: str, name: str, facts: Mapping[str, Any], *, actor: str) -> None:
    """Write what was done to the installation as a whole into the audit trail."""
    AuditEvent.objects.create(
        actor=actor, act=act, object_type=INSTALLATION, object_name=name[:255], before={}, after=dict(facts)
    )
