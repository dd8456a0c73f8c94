import pytest

from connections.scopes import allowed_scopes, canonical, every_scope

ROSTER = {
    11: {"roster.readonly", "roster-core.readonly", "resource.readonly"},
    12: {"roster.readonly", "roster-core.readonly", "resource.readonly", "resource-core.readonly"},
}
GRADES = {
    11: {"gradebook.readonly", "gradebook.createput", "gradebook.delete"},
    12: {
        "gradebook.readonly",
        "gradebook-core.readonly",
        "gradebook.createput",
        "gradebook.createpost",
        "gradebook.delete",
    },
}
TESTS = {11: set(), 12: {"assessment.readonly", "assessment.createput", "assessment.delete"}}


@pytest.mark.parametrize("version", [11, 12])
@pytest.mark.parametrize("partner", [True, False])
@pytest.mark.parametrize("gradebook", [True, False])
@pytest.mark.parametrize("assessments", [True, False])
@pytest.mark.parametrize("demographics", [True, False])
def test_scopes_follow_version_partner_and_what_is_shared(version, partner, gradebook, assessments, demographics):
    expected = set(ROSTER[version])
    if demographics:
        expected |= {"roster-demographics.readonly"}
    if gradebook and partner:
        expected |= GRADES[version]
    if assessments and partner:
        expected |= TESTS[version]
    prefix = f"https://purl.imsglobal.org/spec/or/v1p{version - 10}/scope/"
    scopes = allowed_scopes(
        version, partner=partner, gradebook=gradebook, assessments=assessments, demographics=demographics
    )
    assert len(scopes) == len(set(scopes))
    assert set(scopes) == {prefix + name for name in expected}
    assert set(scopes) <= every_scope().keys()


def test_http_is_read_as_https():
    assert canonical("http://purl.imsglobal.org/x") == "https://purl.imsglobal.org/x"
    assert canonical("https://purl.imsglobal.org/x") == "https://purl.imsglobal.org/x"
    assert canonical("httpx") == "httpx"
