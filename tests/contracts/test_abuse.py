"""Whatever is sent, nothing breaks: 20,000 calls by `make prove`, made up by hypothesis and, from our own documents, by
schemathesis. Refusals have the shape of the address's version, and answers are as the documents say.
"""

import logging
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import settings as examples
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from interop.oneroster.docs import Listed, listed
from interop.oneroster.openapi import document
from tests.contracts.calling import HOST, Answer, Callers
from tests.contracts.filled import publish_filled_district
from tests.contracts.hostile import Call, calls, token_requests

PROVE = bool(os.environ.get("INTEROP_PROVE"))
RAW, TOKENS, EACH = (14_000, 1_000, 28) if PROVE else (200, 40, 1)
DONE, REFUSALS = {200, 201, 204}, {400, 401, 403, 404, 405, 406, 422}
AS_DOCUMENTED = [
    checks.status_code_conformance, checks.content_type_conformance, checks.response_headers_conformance,
    checks.response_schema_conformance,
]  # fmt: skip
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def callers(transactional_db: None, settings: Any) -> Iterator[Callers]:
    """Vendors of a small filled district; every statement stands for itself, as it does when the portal runs."""
    settings.PUBLIC_URL = HOST
    settings.ALLOWED_HOSTS = ["testserver"]
    publish_filled_district()
    logging.disable()  # what is refused is logged, and that takes longer than refusing it
    yield Callers()
    logging.disable(logging.NOTSET)


def problems_of(schema: dict[str, Any], told: Any) -> list[str]:
    return [error.message[:200] for error in jsonschema.Draft4Validator(schema).iter_errors(told)]


def test_no_call_to_either_version_breaks_anything(callers: Callers) -> None:
    shapes = {version: document("rostering", version)["components"]["schemas"]["Error"] for version in (11, 12)}
    seen: Counter[int] = Counter()
    answered: set[str] = set()

    @examples(max_examples=RAW)
    @given(calls(callers.names))
    def send(call: Call) -> None:
        answer = callers.send(call)
        seen[answer.status] += 1
        assert answer.status in DONE | REFUSALS, call
        if answer.status in REFUSALS and call.method != "HEAD":
            assert answer.headers["Content-Type"] == "application/json", call
            assert problems_of(shapes[call.version], answer.json()) == [], call
        elif answer.status == 200:
            assert call.caller.startswith(f"1.{call.version % 10}"), call
            answered.add(call.caller)
            assert call.method != "GET" or len(answer.json()) == 1, call

    send()
    assert set(seen) >= {200, 400, 401, 403, 404}
    assert answered == set(callers.names)
    assert seen.total() >= RAW


def test_no_request_for_a_token_breaks_anything(callers: Callers) -> None:
    seen: Counter[int] = Counter()

    @examples(max_examples=TOKENS)
    @given(token_requests())
    def send(call: Call) -> None:
        answer = callers.send(call)
        seen[answer.status] += 1
        assert answer.status in {200, 400, 401, 404, 405}, call
        assert answer.status != 200 or call.method == "OPTIONS", call
        if answer.status in {400, 401} and answer.headers["Content-Type"] == "application/json":
            assert {"error"} <= set(answer.json()) <= {"error", "error_description"}, call

    send()
    assert {400, 401} <= set(seen)
    assert seen.total() >= TOKENS


def test_every_operation_of_our_own_documents_answers_as_they_say(callers: Callers) -> None:
    for which in listed():
        ask_what_it_describes(callers, which)
    assert len(listed()) >= 3


def ask_what_it_describes(callers: Callers, which: Listed) -> None:
    described = document(which.service, which.version)
    fitting = ("1.2",) if which.version == 12 else ("1.1", "1.1 signed")
    seen: Counter[int] = Counter()

    @examples(max_examples=EACH)
    def ask(case: schemathesis.Case) -> None:
        sent = requests.Request(**(case.as_transport_kwargs(base_url=HOST + which.base) | {"cookies": None})).prepare()
        path, _, query = str(sent.url).removeprefix(HOST).partition("?")
        body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
        headers = {"CONTENT_TYPE": sent.headers.get("Content-Type", "")}
        answer = callers.send(Call(case.method, path, query, fitting[seen.total() % len(fitting)], headers, body))
        seen[answer.status] += 1
        case.validate_response(told(answer, sent), checks=AS_DOCUMENTED)

    operations = [found.ok() for found in schemathesis.openapi.from_dict(described).get_all_operations()]
    assert len(operations) == sum(map(len, described["paths"].values()))
    for at, operation in enumerate(operations):
        modes = MODES if operation.query or operation.body else MODES[:1]  # no id is wrong by itself
        for mode in modes if PROVE else (modes[at % len(modes)],):
            given(operation.as_strategy(generation_mode=mode))(ask)()
    assert set(seen) <= DONE | REFUSALS
    assert seen.total() >= EACH * len(operations)


def told(answer: Answer, sent: requests.PreparedRequest) -> Response:
    """Return the answer as schemathesis reads it."""
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.body, sent, elapsed=0.0, verify=False)
