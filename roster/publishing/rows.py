"""Records and bodies as rows of PostgreSQL's binary COPY format, written without a conversion per value."""

import datetime
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

import orjson

BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
BIGINT_TYPE = 20

BODY_COLUMNS = "id, doc"
RECORD_COLUMNS = (
    "id, source, digest, version, modified, school, object, status, audience, sourced_id, others, former, find"
)

_length = Struct(">i").pack
_body_head = Struct(">hiqi").pack
_record_head = Struct(">hiqiqi16sihiq").pack
_bigint = Struct(">iq").pack
_array_head = Struct(">iiiiii").pack


def moment(at: datetime.datetime) -> int:
    """Return a timestamptz as PostgreSQL counts it."""
    return (at - EPOCH) // MICROSECOND


def body_row(number: int, doc: bytes) -> bytes:
    """Return a row of BODY_COLUMNS."""
    return _body_head(2, 8, number, len(doc)) + doc


def record_row(
    number: int,
    source: int,
    digest: bytes,
    version: int,
    modified: int,
    names: tuple[str, str, str],
    sourced_id: str,
    schools: Sequence[int],
    former: Sequence[int],
    find: dict[str, object],
) -> bytes:
    """Return a row of RECORD_COLUMNS; `names` are object, status and audience, `modified` a `moment`."""
    key, found = sourced_id.encode(), orjson.dumps(find)
    return b"".join(
        (
            _record_head(13, 8, number, 8, source, 16, digest, 2, version, 8, modified),
            _bigint(8, schools[0]) if schools else NULL,
            _texts(*names),
            _length(len(key)),
            key,
            _array(schools[1:]) if len(schools) > 1 else NULL,
            _array(former) if former else NULL,
            _length(len(found) + 1),
            b"\x01",  # the version of jsonb's binary form
            found,
        )
    )


@lru_cache(maxsize=256)
def _texts(*values: str) -> bytes:
    return b"".join(_length(len(value.encode())) + value.encode() for value in values)


def _array(numbers: Sequence[int]) -> bytes:
    """Return an int8[] of one dimension without nulls."""
    items = b"".join(_bigint(8, number) for number in numbers)
    return _array_head(20 + len(items), 1, 0, BIGINT_TYPE, len(numbers), 1) + items
