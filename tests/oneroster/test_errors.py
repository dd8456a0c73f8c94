"""The shape of a refusal in both versions."""

import orjson
import pytest

from interop.oneroster import errors


def test_version_1_2_answers_with_the_bare_status_object():
    body = orjson.loads(errors.error_body(12, errors.unknown_object("user", "u-9"), "req-1"))
    assert body.pop("imsx_description").startswith("Unknown Object: no user u-9")
    assert body == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": "unknownobject"}
            ]
        },
    }


def test_version_1_1_answers_with_a_list_and_its_own_spelling():
    body = orjson.loads(errors.error_body(11, errors.unknown_object("user", "u-9"), "req-1"))
    (info,) = body["statusInfoSet"]
    assert info["imsx_codeMinor"] == "unknown object"
    assert info["imsx_messageRefIdentifier"] == "req-1"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.bad_filter("x"), 400, "invalid_filter_field"),
        (errors.bad_fields("x"), 400, "invalid_selection_field"),
        (errors.bad_parameter("limit", "x"), 400, "invaliddata"),
        (errors.unauthorised(), 401, "unauthorisedrequest"),
        (errors.forbidden(("a", "b")), 403, "forbidden"),
        (errors.unknown_object(), 404, "unknownobject"),
        (errors.unknown_route("/x"), 404, "unknownobject"),
        (errors.method_not_allowed("POST", ("GET", "HEAD")), 405, "invaliddata"),
        (errors.not_acceptable(), 406, "invaliddata"),
        (errors.bad_data("x"), 422, "invaliddata"),
        (errors.too_many(7), 429, "server_busy"),
        (errors.internal(), 500, "internal_server_error"),
        (errors.unavailable(), 503, "server_busy"),
    ],
)
def test_each_refusal_has_its_status_and_minor_code(error, status, code):
    assert (error.status, error.code_minor) == (status, code)


def test_headers_say_how_to_go_on():
    assert errors.too_many(7).headers == {"Retry-After": "7"}
    assert errors.method_not_allowed("POST", ("GET", "HEAD")).headers == {"Allow": "GET, HEAD"}


def test_hostile_text_never_breaks_an_answer():
    error = errors.bad_parameter("\ud800\x00" * 200, "\ud800")
    text = orjson.loads(errors.error_body(12, error, ""))["imsx_description"]
    assert "\x00" not in text
    assert len(text) < 200


def test_a_failure_of_ours_names_the_request():
    assert "req-1" in orjson.loads(errors.error_body(12, errors.internal(), "req-1"))["imsx_description"]
