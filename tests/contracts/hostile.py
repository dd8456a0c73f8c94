"""Calls nobody should make: odd addresses, queries, headers, methods, bodies and credentials, in both versions.

Most of a call is right, so that it comes far: an address that exists, a filter that can be read, a vendor that may ask.
"""

from dataclasses import dataclass, field
from urllib.parse import quote

from hypothesis import strategies as st

from interop.oneroster.endpoints import Endpoint
from interop.oneroster.routes import endpoints

BASES = {11: "/ims/oneroster/v1p1", 12: "/ims/oneroster/{}/v1p2"}
IDS = {
    "school": "lincoln", "class": "algebra-1", "course": "algebra", "student": "ada", "teacher": "grace", "user": "ada",
    "term": "fall", "academicSessions": "fall", "terms": "fall", "gradingPeriods": "quarter", "orgs": "district",
    "schools": "lincoln", "classes": "algebra-1", "courses": "algebra", "enrollments": "sits", "demographics": "ada",
    "students": "ada", "teachers": "grace", "users": "ada", "resources": "book",
}  # fmt: skip
"""An id for the braces of an address, by their name or by the list that is before them."""
ODD = (
    "", " ", "\0", "\x1f", "'", "''", '"', "\\", "%", "%00", "%2F", "/", "..", "../../etc/passwd", "-1", "a" * 300,
    "\ud800", "\udfff", "\uffff", "\u202e", "\u0130", "\u00df", "\ufb03", "\u1e9e", "👩‍🏫", "é", "e\u0301", "Ω" * 120,
    "${7*7}", "{{7*7}}", "<script>", "1;DROP TABLE roster_record", "' OR '1'='1", "(", "[", "*", "+", "^a$", "(?i)a",
    "\\d+", "[[:alpha:]]", "a{99999}", "true", "null", "NaN", "1e400", "-0", "0x10", "٣", "1_000", "2026-02-30",
    "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00.123456789Z", "24:00",
)  # fmt: skip
TOKEN_LIKE = "orp_at_" + "0" * 49
SIGNED = 'OAuth oauth_consumer_key="nobody\xff",oauth_nonce="n",oauth_signature="%00"'
AUTHORIZATIONS = (
    "", "Bearer", "Bearer ", f"Bearer {TOKEN_LIKE}", f"bearer  {TOKEN_LIKE}", "Bearer \xff\xfe", "Bearer " + "a" * 9000,
    "Basic Og==", "Basic =", "Basic \xff", "Digest x", "OAuth", "OAuth ", 'oauth realm=""', "OAuth a=b",
    'OAuth oauth_consumer_key="%FF"', 'OAuth oauth_nonce="1",oauth_nonce="2"', "OAuth " + 'a="b",' * 2000,
    f'{SIGNED},oauth_timestamp="1",oauth_signature_method="HMAC-SHA256"',
    f'{SIGNED},oauth_timestamp="99999999999999",oauth_signature_method="PLAINTEXT"',
    f'{SIGNED},oauth_timestamp="1",oauth_signature_method="HMAC-SHA1",oauth_body_hash="\xff"',
)  # fmt: skip
HEADERS = {
    "HTTP_ACCEPT": ("*/*", "text/html", "application/json;q=0", "\xff", "," * 50),
    "HTTP_ACCEPT_ENCODING": ("gzip", "gzip;q=0", "br", "*;q=x", "\xff"),
    "HTTP_HOST": ("testserver", "elsewhere.example", "testserver:x", "[::1", "a b", "\xff"),
    "HTTP_X_REQUEST_ID": ("trace-000001", "x", "\xff" * 10, "a" * 100),
    "HTTP_X_FORWARDED_FOR": ("203.0.113.9", "unknown, \xff", "::1"),
    "HTTP_X_FORWARDED_HOST": ("elsewhere.example",),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
    "HTTP_RANGE": ("bytes=0-10", "bytes=x"),
    "HTTP_IF_MODIFIED_SINCE": ("Thu, 01 Jan 1970 00:00:00 GMT", "x"),
    "HTTP_COOKIE": ("sessionid=x; csrftoken=\xff", "=;;"),
    "CONTENT_TYPE": ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "\xff", ""),
    "CONTENT_LENGTH": ("5", "-1", "x", ""),
}
METHODS = ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "FOO", "\xff")
BODIES = (b"", b"{}", b"{", b"\0\xff", b"grant_type=client_credentials", b'{"a":' * 2000)
OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "~")


@dataclass(frozen=True)
class Call:
    """One call as it stands on the wire; `caller` names who asks, blank for what `headers` say."""

    method: str
    path: str
    query: str
    caller: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def version(self) -> int:
        """Whose errors are expected."""
        return 11 if "/v1p1" in self.path else 12


def raw(text: str) -> str:
    """Return the text percent-encoded; lone surrogates stay what they are."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def as_bytes(text: str) -> str:
    """Return the text as a header brings it: each of its bytes a sign of latin-1."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


rarely = st.sampled_from((False,) * 4 + (True,) + (False,) * 5)
odd = st.sampled_from(ODD) | st.text(max_size=12)
plain = st.sampled_from(sorted(set(IDS.values())))
counts = st.integers(-1, 9).map(str) | st.sampled_from(("100", "10000", "9999999999"))
numbers = counts | counts | counts | st.sampled_from(("-2", "99999999999", "1.0")) | odd
broken = st.sampled_from(("%", "%zz", "%u0041", "&&&", "=", "==&", "filter", "limit", "\xff", "%ff", "a[]=1", "+", ";"))


@st.composite
def comparisons(draw: st.DrawFn, paths: tuple[str, ...]) -> str:
    """Return one test of a filter, mostly one that can be read."""
    path = draw(st.sampled_from((*paths, "metadata.a", *paths, "metadata", "nothing", *paths, "sourcedId.x", *paths)))
    value = draw(odd | plain | st.sampled_from(("active", "student", "2026-10-01", "2026-10-01T18:00:00.000Z", "07")))
    blank = " " * draw(rarely)
    return f"{path}{blank}{draw(st.sampled_from(OPERATORS))}{blank}'{value.replace(chr(39), chr(39) * 2)}'"


@st.composite
def queries(draw: st.DrawFn, paths: tuple[str, ...]) -> str:
    """Return a query string: some parameters, some of them twice, some not readable at all."""
    tests = st.lists(comparisons(paths), min_size=1, max_size=4)
    words = st.sampled_from((" AND ", " OR ", " and ", " AND", "  "))
    filters = st.tuples(tests, words).map(lambda pair: pair[1].join(pair[0]))
    names = st.sampled_from((*paths, *paths, "metadata.a", "roles.role", "nothing"))
    given = {
        "filter": odd if draw(rarely) else filters,
        "sort": odd if draw(rarely) else names,
        "orderBy": odd if draw(rarely) else st.sampled_from(("asc", "desc", "DESC")),
        "fields": st.lists(odd if draw(rarely) else names, min_size=1, max_size=3).map(",".join),
        "limit": numbers,
        "offset": numbers,
    }
    asked = draw(st.lists(st.sampled_from(sorted(given)), max_size=4, unique=not draw(rarely)))
    parts = [f"{name}={raw(draw(given[name]))}" for name in asked]
    if draw(rarely):
        parts.insert(0, draw(broken) * draw(st.sampled_from((1, 150, 1))))
    return "&".join(parts)


@st.composite
def paths_of(draw: st.DrawFn, endpoint: Endpoint, version: int) -> str:
    """Return the endpoint's address with ids in its braces, now and then spelled oddly."""
    path = endpoint.path
    for name in endpoint.parameters:
        fitting = IDS.get(path.split("/")[1] if name == "sourcedId" else name, "nobody")
        sourced_id = draw(odd | plain) if draw(rarely) else fitting
        left_alone = draw(st.sampled_from(("", "", "/", "@:!'()*")))
        path = path.replace(f"{{{name}}}", quote(sourced_id.encode("utf-8", "surrogatepass"), safe=left_alone))
    base = BASES[version].format(endpoint.service)
    twist = draw(st.integers(0, 9)) if draw(rarely) else None
    if twist == 0:
        return base + draw(st.sampled_from(("", "/", "//", "/shoes", "/%00", "/" * 60, "/users/" + "a/" * 60)))
    if twist == 1:
        return base + base + path
    if twist == 2:
        return draw(st.sampled_from(("/ims/oneroster", "/ims", "//ims/oneroster/v1p1", "/ims/oneroster/v1p1.0"))) + path
    return base + path + (draw(st.sampled_from(("/", "//", ".json", ";a=b", "%0A"))) if twist else "")


@st.composite
def calls(draw: st.DrawFn, callers: tuple[str, ...]) -> Call:
    """Return a call by one of the callers, or by somebody with odd credentials."""
    version = draw(st.sampled_from((11, 12)))
    endpoint = draw(st.sampled_from([each for each in endpoints() if each.exists_in(version)]))
    paths = tuple(endpoint.declaration.paths(version))
    headers = {}
    for name in draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=2)) if draw(rarely) else ():
        headers[name] = draw(st.sampled_from(HEADERS[name]))
    fitting = tuple(name for name in callers if name.startswith(f"1.{version % 10}"))
    caller = draw(st.sampled_from((*fitting, *fitting, *fitting, "", *fitting, *callers, *fitting)))
    if not caller:
        headers["HTTP_AUTHORIZATION"] = draw(
            st.sampled_from(AUTHORIZATIONS) | odd.map(lambda text: "OAuth " + as_bytes(text))
        )
    return Call(
        draw(st.sampled_from(METHODS)) if draw(rarely) else endpoint.method,
        draw(paths_of(endpoint, version)),
        draw(queries(paths)),
        caller,
        headers,
        draw(st.sampled_from(BODIES)) if draw(rarely) else b"",
    )


@st.composite
def token_requests(draw: st.DrawFn) -> Call:
    """Return a request to the token endpoint, with credentials nobody has."""
    pairs = st.tuples(
        st.sampled_from(("grant_type", "client_id", "client_secret", "scope", "resource", "assertion")) | odd,
        st.sampled_from(("client_credentials", "password", "urn:ietf:params:oauth:grant-type:jwt-bearer")) | odd,
    )
    form = "&".join(f"{raw(name)}={raw(value)}" for name, value in draw(st.lists(pairs, max_size=4)))
    headers = {"HTTP_AUTHORIZATION": draw(st.sampled_from(AUTHORIZATIONS))} if draw(st.booleans()) else {}
    headers["CONTENT_TYPE"] = draw(st.sampled_from(("application/x-www-form-urlencoded", *HEADERS["CONTENT_TYPE"])))
    body = draw(st.sampled_from((form.encode(), form.encode(), *BODIES)))
    method = draw(st.sampled_from(("POST", "POST", "POST", *METHODS)))
    return Call(method, "/oauth2/token" + draw(st.sampled_from(("", "", "/"))), "", "", headers, body)
