"""Signed requests are good once: each accepted one is a row, on disk before the answer begins.

Only what carries a valid signature gets here, so strangers can neither fill the table nor use up a vendor's nonces.
"""

import datetime as dt
import hashlib

from connections.grants import Grant
from connections.models import Nonce
from connections.oauth1 import Claim
from interop import statements

# The commit waits for the disk whatever the server's setting is. The credential's last use is noted now and then.
_REMEMBER = """
    WITH kept AS (
        INSERT INTO connections_nonce (digest, credential_id, address) VALUES (%s::bytea, %s::bigint, %s::text)
        ON CONFLICT DO NOTHING RETURNING credential_id
    ), used AS (
        UPDATE connections_credential k SET last_used_at = statement_timestamp() FROM kept
        WHERE k.id = kept.credential_id
          AND (k.last_used_at IS NULL OR k.last_used_at < statement_timestamp() - interval '5 minutes')
    )
    SELECT EXISTS (SELECT 1 FROM kept), set_config('synchronous_commit', 'on', true)
"""


def remember(claim: Claim, grant: Grant, *, address: str) -> bool:
    """Note that the request is accepted; False when it was accepted before, by whatever process."""
    told = f"{claim.key}\n{claim.timestamp}\n{claim.nonce}"
    values = [hashlib.sha256(told.encode()).digest(), grant.credential, address[:64]]
    [[new, _]] = statements.rows(_REMEMBER, values)
    return bool(new)


def purge(now: dt.datetime) -> None:
    """Delete what no signature of today can repeat."""
    Nonce.objects.filter(at__lt=now - Nonce.KEPT).delete()
