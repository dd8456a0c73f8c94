"""An answer's bytes: the documents of a page under the collection's name, in pieces, packed when the client likes."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from isal import isal_zlib

from interop.oneroster.render import projector
from interop.oneroster.resource import Resource

IN_ONE_PIECE, IN_MEMORY, PIECE = 1_000, 10_000, 256 * 1024
OFTEN = 0.1
"""Seconds within which a page that is sent in pieces is not asked about twice."""
GZIP = 31
JSON = {"Content-Type": "application/json"}
SAFE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
ALWAYS = JSON | SAFE
ASK_AGAIN = "private, no-cache"
"""What a client may keep of an answer: nobody but itself, and only to ask whether it still holds."""
Fields = tuple[str, ...] | None
log = logging.getLogger("interop.oneroster")


Piece = bytes | memoryview


class Joined(NamedTuple):
    """Documents in order, some of them joined by commas already, how many they are, and what `digest_of` says of them
    where that is known.
    """

    pieces: Sequence[Piece]
    many: int
    digest: bytes = b""


def digest_of(batch: Joined) -> bytes:
    """Return 32 bytes that stand for the documents, however many are joined in a piece."""
    return batch.digest or sha256(b",".join(batch.pieces)).digest()


@dataclass
class Answer:
    """An answer on its way, in one piece or sent as it is put together; Django's costs several times as much."""

    status_code: int
    headers: dict[str, str]
    content: bytes = b""
    streaming_content: Iterator[bytes] | None = None

    @property
    def streaming(self) -> bool:
        """Whether it is sent in pieces."""
        return self.streaming_content is not None

    def for_django(self) -> HttpResponseBase:
        """Return it as Django's middleware knows answers."""
        if self.streaming_content is not None:
            return StreamingHttpResponse(self.streaming_content, headers=self.headers)
        return HttpResponse(self.content, status=self.status_code, headers=self.headers)


class Page(Protocol):
    """What the reading side gives: the record numbers, their documents in batches, and whether to go on."""

    @property
    def ids(self) -> Any:
        """Return the record numbers."""

    def batches(self) -> Iterator[Joined]:
        """Yield the documents, a thousand at a time; raises what `check` raises, at the latest after IN_MEMORY."""

    def check(self) -> None:
        """Raise when the rest may not be sent any more."""

    @property
    def tag(self) -> bytes | None:
        """Return what stands for the documents, the same wherever they are the same; None: nothing does."""

    def is_whole(self) -> bool:
        """Return whether every document of the page may be sent."""


def answer_page(
    request: HttpRequest, page: Page, resource: Resource, version: int, *, fields: Fields, headers: dict[str, str]
) -> Answer:
    """Return the documents of a page.

    Of up to ten thousand all are found before the first is sent, so the answer has a length and a client knows when
    it was broken off; more are sent as they are read, and an answer broken off is no complete JSON. The former have an
    ETag: of what stands for the whole page where that is known before it is read, else of its documents' bytes.
    """
    is_packed, many = takes_gzip(request), len(page.ids)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    if many > IN_MEMORY:
        batches = (projected(batch, resource, version, fields) for batch in page.batches())
        pieces = _in_pieces(envelope(resource.collection, batches))
        return _streamed(_until_cut(_packed(pieces) if is_packed else pieces), headers)
    asked, known = _asked(resource.collection, fields, is_packed), getattr(page, "tag", None)
    tag = _tag(known, asked) if known else ""
    if tag and _has_it(request, tag) and page.is_whole():
        return _unchanged(tag, headers)
    found = list(page.batches())
    if not tag or sum([batch.many for batch in found]) != many:
        tag = _tag(b"".join(map(digest_of, found)), asked)
        if _has_it(request, tag):
            return _unchanged(tag, headers)
    parts = list(envelope(resource.collection, [projected(batch, resource, version, fields) for batch in found]))
    if is_packed:
        parts = list(_packed(_in_pieces(parts)))
    headers |= {"ETag": tag, "Cache-Control": ASK_AGAIN, "Content-Length": str(sum(map(len, parts)))}
    if many <= IN_ONE_PIECE:
        return Answer(200, ALWAYS | headers, b"".join(parts))
    return _streamed(_until_cut(_checked(_in_pieces(parts), page)), headers)


def _tag(known: bytes, asked: bytes) -> str:
    """Return the ETag of a page of which this is known, as it is asked for."""
    return f'"{sha256(known + asked).hexdigest()[:32]}"'


@lru_cache(maxsize=256)
def _asked(collection: str, fields: Fields, is_packed: bool) -> bytes:  # noqa: FBT001
    """Return what stands for the way documents are sent."""
    return sha256(repr((collection, fields, is_packed)).encode()).digest()


def _has_it(request: HttpRequest, tag: str) -> bool:
    """Return whether the client says that it has these very bytes."""
    header: str = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(header) and tag in [each.removeprefix("W/") for each in parse_etags(header)]


def _unchanged(tag: str, headers: dict[str, str]) -> Answer:
    """Return that the page is as the client has it."""
    kept = {name: value for name, value in headers.items() if name != "Content-Encoding"}
    return Answer(304, ALWAYS | kept | {"ETag": tag, "Cache-Control": ASK_AGAIN})


def answer_single(request: HttpRequest, document: bytes, resource: Resource) -> Answer:
    """Return one document under the object's name."""
    body = b'{"%b":%b}' % (resource.single.encode(), document)
    headers = {"X-Total-Count": "1"}
    if takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        body = b"".join(_packed([body]))
    return Answer(200, ALWAYS | headers | {"Content-Length": str(len(body))}, body)


def envelope(collection: str, batches: Iterable[Joined]) -> Iterator[Piece]:
    """Yield the answer's bytes: the documents of each batch below the collection's name, as small as they come."""
    before = b'{"%b":[' % collection.encode()
    for batch in batches:
        for piece in batch.pieces:
            yield before
            yield piece
            before = b","
    yield b"]}" if before == b"," else before + b"]}"


def projected(batch: Joined, resource: Resource, version: int, fields: Fields) -> Joined:
    """Return the documents with the chosen fields only."""
    if fields is None:
        return batch
    found = orjson.loads(b"[%b]" % b",".join(batch.pieces))
    chosen = orjson.dumps([*map(projector(resource, version, fields), found)])
    return Joined([chosen[1:-1]] if found else [], batch.many)


def projected_single(document: bytes, resource: Resource, version: int, fields: Fields) -> bytes:
    """Return one document with the chosen fields only."""
    return b"".join(projected(Joined([document], 1), resource, version, fields).pieces)


def takes_gzip(request: HttpRequest) -> bool:
    """Return whether the client asks for gzip."""
    accepted = request.META.get("HTTP_ACCEPT_ENCODING")
    if not accepted or request.method == "HEAD":
        return False
    for entry in accepted.lower().split(","):
        name, _, parameters = entry.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class CutOff(Exception):
    """The rest of an answer may not be sent any more: its connection was changed or closed meanwhile."""


def _streamed(pieces: Iterator[bytes], headers: dict[str, str]) -> Answer:
    return Answer(200, ALWAYS | headers, streaming_content=pieces)


def _in_pieces(parts: Iterable[Piece]) -> Iterator[bytes]:
    """Yield the bytes in pieces of a quarter of a megabyte or a little more; each is put together when it is sent.

    So hardly any memory is new: pieces of a megabyte and more cost the processor twice as much.
    """
    kept: list[Piece] = []
    size = 0
    for part in parts:
        cuts = (part,) if len(part) <= PIECE else (part[at : at + PIECE] for at in range(0, len(part), PIECE))
        for cut in cuts:
            kept.append(cut)
            size += len(cut)
            if size >= PIECE:
                yield b"".join(kept)
                kept, size = [], 0
    yield b"".join(kept)


def _checked(pieces: Iterable[bytes], page: Page) -> Iterator[bytes]:
    """Yield the pieces; a client that takes its time is asked about again before it gets a further one."""
    asked = time.monotonic()
    for piece in pieces:
        if time.monotonic() - asked >= OFTEN:
            page.check()
            asked = time.monotonic()
        yield piece


def _until_cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces; what is cut off ends short, so the server closes the connection."""
    try:
        yield from pieces
    except CutOff:
        log.warning("an answer was broken off: its connection was changed or closed while it was sent")


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, GZIP)
    for piece in pieces:
        packed = packer.compress(piece)
        if packed:
            yield packed
    yield packer.flush()
