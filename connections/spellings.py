"""How the address a vendor signed may have been written.

A signature covers the address as it stood on the wire. Some web servers hand on the path decoded, and some proxies
write it anew, so the ways in which programs encode that same path are tried. An address without unusual characters has
one spelling only. All spellings of a path lead to the same endpoint, so none opens more than another.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from re import compile as pattern
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest

from interop.oneroster.routes import routes

MOST = 16
_LITERAL = ("", "!'()*", "!$&'()*+,;=:@", ":@")
"""What programs leave as it is beside letters, digits and -._~: RFC 3986, JavaScript, whatever a path may hold."""
_SLASH = "\0"
_slash, _encoded = pattern("%00"), pattern("%[0-9A-F]{2}")


def addresses(request: HttpRequest) -> tuple[str, ...]:
    """Return the absolute addresses, without query, that the request may have been signed for; never none.

    Scheme and host are those of PUBLIC_URL, and also the host as the client named it.
    """
    raw = request.META.get("RAW_URI") or request.META.get("REQUEST_URI") or ""
    readings = [tuple(route.names.values()) for route in routes(request)]
    paths = list(spellings(request.path_info, readings))
    if raw.startswith("/"):
        paths.insert(0, raw.partition("?")[0])
    public = urlsplit(settings.PUBLIC_URL)
    called = f"{public.scheme}://{request.get_host()}{public.path}"
    bases = dict.fromkeys((settings.PUBLIC_URL, called))
    return tuple(base + path for base in bases for path in dict.fromkeys(paths))


def spellings(path: str, readings: Sequence[Iterable[str]] = ()) -> Iterator[str]:
    """Yield the encoded forms of a decoded path, the commonest first and at most MOST.

    `readings` are the sourcedIds it may hold: one with a slash in it was written with %2F.
    """
    forms = dict.fromkeys([path, *(_slashes_marked(path, values) for values in readings)])
    yield from islice(dict.fromkeys(_written(forms)), MOST)


def _written(forms: Iterable[str]) -> Iterator[str]:
    for form in forms:
        for literal in _LITERAL:
            yield _slash.sub("%2F", quote(form, safe="/" + literal))
    for form in forms:
        yield _encoded.sub(lambda found: found[0].lower(), _slash.sub("%2F", quote(form, safe="/")))


def _slashes_marked(path: str, values: Iterable[str]) -> str:
    """Mark the slashes of the ids only: they stand in the path in this order, and the last one nearest to its end."""
    end = ""
    for value in reversed([each for each in values if "/" in each]):
        before, found, after = path.rpartition(value)
        if found:
            path, end = before, value.replace("/", _SLASH) + after + end
    return path + end
