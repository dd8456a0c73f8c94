"""The filter language: what it accepts, what it means, and that PostgreSQL and Python agree on every answer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop.oneroster.errors import OneRosterError
from interop.oneroster.filters import And, Comparison, Or, matches, parse_filter, sort_key, sort_sql, where_sql
from interop.oneroster.literals import loose
from interop.oneroster.render import encode
from interop.oneroster.resource import REGISTRY, Field, Resource, register
from roster import wire
from roster.models import Record

NOON = datetime(2026, 9, 1, 12, 0, 0, 123000, tzinfo=UTC)
USER = wire.USER
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SAMPLE = register(
    Resource(
        object="sample",
        collection="samples",
        single="sample",
        path="samples",
        fields=(
            Field("score", "float"),
            Field("due", "date"),
            Field("seen", "datetime"),
            Field("title"),
            Field("tags", many=True),
            Field("org", "ref", target="org"),
            Field("agents", "ref", many=True, target="user"),
            Field("roles", "object", many=True, parts=(Field("role"), Field("begin", "date"))),
        ),
    )
)
REGISTRY.pop("sample")


def user(**facts):
    base = {
        "sourcedId": "u1",
        "status": "active",
        "dateLastModified": NOON,
        "enabledUser": True,
        "givenName": "Ada",
        "familyName": "O'Hara",
        "grades": ["05", "06"],
        "primaryOrg": "lincoln",
        "roles": [
            {"roleType": "primary", "role": "student", "org": "lincoln"},
            {"roleType": "secondary", "role": "aide", "org": "wash/ington"},
        ],
        "metadata": {"team": "Blue"},
    }
    return {**base, **facts}


def holds(text, facts=None, resource=USER):
    facts = facts or user()
    node = parse_filter(text, resource, 12)
    return matches(
        node,
        resource,
        12,
        sourced_id=facts["sourcedId"],
        status=facts["status"],
        modified=facts["dateLastModified"],
        find=encode(resource, 12, facts).find,
    )


@pytest.mark.parametrize(
    "text",
    [
        "givenName='Ada'",
        " givenName = 'Ada' ",
        "familyName='O''Hara'",
        "familyName~'o''hARA'",
        "givenName!='Bob'",
        "givenName>'Abe' AND givenName<'Bea'",
        "grades='05'",
        "grades='06,05'",
        "grades='06, 05'",
        "grades~'99,5'",
        "roles.role='aide'",
        "roles.role!='teacher'",
        "roles.org.sourcedId='wash/ington'",
        "roles.org.type='org'",
        "roles.org.href='http://127.0.0.1:8000/ims/oneroster/rostering/v1p2/orgs/wash%2Fington'",
        "primaryOrg.href!='http://elsewhere.example/orgs/lincoln'",
        "enabledUser='true'",
        "metadata.team='Blue'",
        "status='active'",
        "sourcedId='u1'",
        "dateLastModified>'2026-09-01'",
        "dateLastModified='2026-09-01T12:00:00.123Z'",
        "dateLastModified='2026-09-01T14:00:00.123000000+02:00'",
        "dateLastModified<='2026-09-01T12:00:01'",
        "dateLastModified~'2026-09-01T12'",
        "givenName='x' or givenName='Ada'",
        "givenName='Ada' OR givenName='x' AND givenName='y'",
    ],
)
def test_a_filter_finds_the_record_it_describes(text, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "givenName='ada'",
        "givenName~'a%'",
        "givenName~'A_a'",
        "grades='05,07'",
        "grades!='05'",
        "roles.role='stud'",
        "middleName='x'",
        "middleName!='x'",
        "middleName~''",
        "middleName<'zz'",
        "roles.org.type='user'",
        "primaryOrg.href='http://elsewhere.example/orgs/lincoln'",
        "status='norecords'",
        "dateLastModified>'2026-09-01T12:00:00.123Z'",
        "metadata.missing!='x'",
    ],
)
def test_a_filter_passes_over_a_record_it_does_not_describe(text):
    assert not holds(text)


def test_and_binds_tighter_than_or():
    node = parse_filter("givenName='a' OR givenName='b' and status='active'", USER, 12)
    assert node == Or(
        (
            Comparison("givenName", "=", "a"),
            And((Comparison("givenName", "=", "b"), Comparison("status", "=", "active"))),
        )
    )


def test_a_date_is_compared_as_a_moment_whatever_its_spelling():
    facts = user(roles=[{"roleType": "primary", "role": "student", "org": "lincoln", "beginDate": date(2026, 8, 31)}])
    assert holds("roles.beginDate='2026-08-31'", facts)
    assert holds("roles.beginDate='2026-08-31T02:00:00+02:00'", facts)
    assert not holds("roles.beginDate='2026-08-31T00:00:01Z'", facts)
    assert holds("roles.beginDate!='2026-08-31T00:00:01Z'", facts)
    assert holds("roles.beginDate<'2026-08-31T00:00:01Z'", facts)
    assert not holds("roles.beginDate>'2026-08-31'", facts)
    assert holds("roles.beginDate~'2026-08'", facts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "character 1"),
        ("shoeSize='9'", "shoeSize"),
        ("role='student'", "'role'"),
        ("roles='student'", "roles.roleType"),
        ("primaryOrg='x'", "primaryOrg.sourcedId"),
        ("metadata='x'", "metadata.name"),
        ("metadata.='x'", "character 9"),
        ("givenName=Ada", "single quotes"),
        ("givenName='Ada", "closing single quote"),
        ("givenName=='Ada'", "single quotes"),
        ("givenName='O'Hara'", "AND or OR"),
        ("givenName='a'ANDgivenName='b'", "AND or OR"),
        ("givenName='a' AND", "AND or OR"),
        ("givenName='a' AND ", "a field name"),
        ("(givenName='a')", "character 1"),
        ("givenName='a' XOR givenName='b'", "AND or OR"),
        ("dateLastModified>'yesterday'", "a date like"),
        ("dateLastModified>'2026-13-01'", "a date like"),
        ("dateLastModified>'0001-01-01T00:00:00+14:00'", "a date like"),
        ("dateLastModified>'٢٠٢٦-01-01'", "a date like"),
        ("givenName='\x00'", "control characters"),
        ("givenName='\ud800'", "control characters"),
        ("primaryOrg.href~'orgs'", "sourcedId"),
        ("givenName='" + "a" * 2000 + "'", "2000"),
        ("givenName~'" + "a" * 201 + "'", "200 characters"),
        (" OR ".join(["givenName='a'"] * 21), "20 comparisons"),
    ],
)
def test_an_unusable_filter_is_refused_with_what_to_change(text, said):
    with pytest.raises(OneRosterError) as refused:
        parse_filter(text, USER, 12)
    assert (refused.value.status, refused.value.code_minor) == (400, "invalid_filter_field")
    assert said in refused.value.description


def test_a_filter_never_puts_a_value_into_the_statement():
    text = "givenName='secret' AND roles.role~'secret' OR grades='secret' AND primaryOrg.sourcedId!='secret'"
    sql, params = where_sql(parse_filter(text, USER, 12), USER, 12)
    assert "secret" not in sql
    assert sql.count("%s") == len(params)


TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", "A", "ab", "Ä", "ä", "%", "_", "\\", "a,b", "b", "O'Hara", "***=a", "ß", "K", "k", "[", "^a$"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=4),
)
NAMES = TEXTS.filter(bool)
DATES = st.dates(date(2026, 8, 30), date(2026, 9, 2))
MOMENTS = st.integers(0, 3 * 86_400_000).map(
    lambda ms: NOON + timedelta(milliseconds=ms // 43_200_000 * 43_200_000 + ms % 2)
)
LITERAL_MOMENTS = st.one_of(
    DATES.map(str), MOMENTS.map(lambda moment: moment.isoformat()), MOMENTS.map(lambda m: m.isoformat()[:-6] + "Z")
)
FACTS = st.fixed_dictionaries(
    {"sourcedId": NAMES, "status": st.sampled_from(["active", "tobedeleted"]), "dateLastModified": MOMENTS},
    optional={
        "score": st.sampled_from([0, 1.5, -2, 10, 9.25]),
        "due": DATES,
        "seen": MOMENTS,
        "title": TEXTS,
        "tags": st.lists(NAMES, max_size=3),
        "org": NAMES,
        "agents": st.lists(NAMES, max_size=2),
        "roles": st.lists(
            st.fixed_dictionaries({}, optional={"role": NAMES, "begin": DATES}),
            max_size=2,
        ),
        "metadata": st.dictionaries(st.sampled_from(["x", "y.z"]), st.one_of(NAMES, st.integers(0, 3)), max_size=2),
    },
)
OPS = st.sampled_from(["=", "!=", ">", ">=", "<", "<=", "~"])
TEXT_PATHS = st.sampled_from(
    [
        "sourcedId",
        "status",
        "title",
        "tags",
        "org.sourcedId",
        "org.type",
        "agents.sourcedId",
        "agents.type",
        "roles.role",
    ]
)
TESTS = st.one_of(
    st.tuples(TEXT_PATHS, OPS, TEXTS),
    st.tuples(st.sampled_from(["due", "seen", "dateLastModified", "roles.begin"]), OPS, LITERAL_MOMENTS),
    st.tuples(st.just("score"), OPS, st.sampled_from(["0", "1.50", "-2", "1e1", "9.25"])),
    st.tuples(
        st.sampled_from(["org.href", "agents.href"]),
        st.sampled_from(["=", "!="]),
        st.sampled_from(["a", "b", "%C3%A4"]).map(
            lambda name: f"http://127.0.0.1:8000/ims/oneroster/rostering/v1p2/orgs/{name}"
        ),
    ),
)
FILTERS = st.lists(st.tuples(TESTS, st.sampled_from([" AND ", " OR "])), min_size=1, max_size=3)


def written(parts):
    tests = [f"{path}{op}'{value.replace(chr(39), chr(39) * 2)}'" for (path, op, value), _ in parts]
    words = [word for _, word in parts]
    return tests[0] + "".join(word + test for word, test in zip(words, tests[1:], strict=False))


def stored(all_facts):
    records = []
    for number, facts in enumerate(all_facts):
        rendered = encode(SAMPLE, 12, facts)
        records.append(
            Record(
                id=number,
                version=12,
                object="sample",
                sourced_id=facts["sourcedId"],
                status=facts["status"],
                modified=facts["dateLastModified"],
                retired_at=NOON,
                digest=rendered.digest,
                find=rendered.find,
            )
        )
    return Record.objects.bulk_create(records)


@pytest.mark.django_db
@settings(suppress_health_check=QUIET)
@given(all_facts=st.lists(FACTS, min_size=1, max_size=6), filters=st.lists(FILTERS, min_size=1, max_size=6))
def test_postgresql_and_python_find_the_same_records(all_facts, filters):
    Record.objects.all().delete()
    records = stored(all_facts)
    for parts in filters:
        node = parse_filter(written(parts), SAMPLE, 12)
        sql, params = where_sql(node, SAMPLE, 12)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM roster_record r WHERE {sql} ORDER BY id", params)  # noqa: S608
            found = [row[0] for row in cursor.fetchall()]
        expected = [
            record.id
            for record in records
            if matches(
                node,
                SAMPLE,
                12,
                sourced_id=record.sourced_id,
                status=record.status,
                modified=record.modified,
                find=record.find,
            )
        ]
        assert found == expected, written(parts)


SORTS = ["sourcedId", "status", "dateLastModified", "title", "score", "due", "tags", "org.href", "roles.role"]


@pytest.mark.django_db
@settings(suppress_health_check=QUIET)
@given(all_facts=st.lists(FACTS, min_size=1, max_size=6), path=st.sampled_from(SORTS))
def test_postgresql_and_python_sort_alike(all_facts, path):
    Record.objects.all().delete()
    records = stored(all_facts)
    sql, params = sort_sql(path, SAMPLE, 12)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM roster_record r ORDER BY {sql}, id", params)  # noqa: S608
        found = [row[0] for row in cursor.fetchall()]

    def key(record):
        return sort_key(
            path,
            SAMPLE,
            12,
            sourced_id=record.sourced_id,
            status=record.status,
            modified=record.modified,
            find=record.find,
        )

    assert found == [record.id for record in sorted(records, key=lambda record: (key(record), record.id))]


@pytest.mark.django_db
def test_equality_is_served_by_the_index_on_find():
    sql, params = where_sql(parse_filter("roles.role='student'", USER, 12), USER, 12)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO roster_record (id, version, object, sourced_id, status, modified, audience, digest, find)"
            " SELECT n, 12, 'user', n::text, 'active', now(), '', '',"
            " jsonb_build_object('roles.role', jsonb_build_array(CASE WHEN n % 500 = 0 THEN 'student' ELSE 'aide' END))"
            " FROM generate_series(1, 5000) n"
        )
        cursor.execute("ANALYZE roster_record")
        cursor.execute(f"EXPLAIN SELECT id FROM roster_record r WHERE retired_at IS NULL AND {sql}", params)  # noqa: S608
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "record_live_find" in plan


def test_a_loose_pattern_takes_special_characters_literally():
    assert loose("a.b*") == r"[Aa]\.[Bb]\*"


@pytest.mark.django_db
def test_the_longest_and_most_awkward_filters_are_answered_quickly():
    stored([user(givenName="a" * 2000, roles=[])])
    text = " OR ".join(["givenName~'" + "a" * 190 + "b'"] * 9)
    sql, params = where_sql(parse_filter(text, USER, 12), USER, 12)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2s'")
        cursor.execute(f"SELECT count(*) FROM roster_record r WHERE {sql}", params)  # noqa: S608
        assert cursor.fetchone() == (0,)
