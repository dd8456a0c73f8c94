import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from connections import bringing, expiry
from connections.models import Application, Connection, Credential
from connections.secret import sha256
from connections.services.adding import add_application
from interop import crypto
from interop.models import AuditEvent

HEAD = "name,version,oauth,key,secret,enabled,expires,purpose"
SECRET = "an-old-secret-that-is-long-enough"


@pytest.fixture
def bring(db, tmp_path):
    """Runs the command on a file of these lines; returns what it printed."""

    def run(*lines, head=HEAD, options=()):
        path = tmp_path / "old.csv"
        path.write_text("\n".join([head, *lines]), encoding="utf-8")
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command("import_connections", str(path), *options, stdout=out, stderr=err)
        except CommandError as error:
            return f"{err.getvalue()}{error}"
        return out.getvalue()

    return run


def test_credentials_go_on_working_and_the_secret_is_kept_only_as_its_hash(bring, ask):
    told = bring(f"lms-prod-2,1.2,2,northmere_lms2,{SECRET},yes,,")
    assert "lms-prod-2: other provisioning credentials, for somebody to adopt\n" in told
    assert "1 brought, 1 to adopt, 0 in need of new credentials, 0 known." in told
    assert SECRET not in told
    credential = Credential.objects.get()
    assert (bytes(credential.secret_sha256), credential.secret_tail) == (sha256(SECRET), "ough")
    assert ask("northmere_lms2", SECRET).status_code == 200
    assert ask("northmere_lms2", "wrong").status_code == 401
    assert SECRET not in str(list(AuditEvent.objects.values_list("before", "after")))


def test_names_lead_to_partners_and_known_applications_and_nothing_is_shared_beyond_the_roster(bring):
    add_application(name="Bus Passes", purpose="x", actor="ada")
    bring(
        "Fernwod Reading,1.2,2,,,,,", "Fernwood Reading - Lincoln,1.1,2,,,,,", "bus passes (old),1.1,1,,,no,2030-06-30,"
    )
    told = Connection.objects.order_by("id").values_list("application__name", "application__partner", "enabled")
    assert list(told) == [
        ("Fernwood Reading", True, True),
        ("Fernwood Reading", True, True),
        ("Bus Passes", False, False),
    ]
    assert Application.objects.count() == 2
    assert not Connection.objects.filter(share_gradebook=True).exists()
    assert Connection.objects.get(enabled=False).expires_at.isoformat() == "2030-06-30T05:00:00+00:00"


@pytest.mark.parametrize(
    "line",
    ["Tool,1.1,1,key,short,,,", "Tool,1.2,2,key,short,,,", f"Tool,1.2,2,,{SECRET},,,", "Tool,1.2,2,key,,,,"],
    ids=["weak secret of OAuth 1", "weak secret", "no key", "no secret"],
)
def test_what_cannot_be_kept_hashed_needs_new_credentials(bring, line):
    assert "Tool: other provisioning credentials, for somebody to adopt; generate new credentials" in bring(line)
    assert not Credential.objects.exists()


def test_a_secret_of_oauth_1_is_kept_encrypted_and_its_connection_always_ends(bring):
    bring(f"Old Tool,1.1,1,key,{SECRET},,,")
    credential = Credential.objects.get()
    assert SECRET.encode() not in bytes(credential.sealed)
    assert crypto.unseal(credential.sealed) == SECRET
    assert credential.connection.expires_at == expiry.year_from(timezone.now())


def test_a_second_run_brings_nothing_twice(bring):
    lines = (f"Tool,1.2,2,key,{SECRET},,,", "Other,1.1,1,,,,,")
    bring(*lines)
    told = bring(*lines)
    assert "Tool: here already" in told
    assert "0 brought, 0 to adopt, 0 in need of new credentials, 2 known." in told
    assert Connection.objects.count() == 2


def test_a_dry_run_changes_nothing(bring):
    assert "1 would be brought" in bring("Fernwood Reading,1.2,2,,,,,", options=["--dry-run"])
    assert not Connection.objects.exists()
    assert not Application.objects.exists()


def test_every_wrong_line_is_named_and_nothing_is_brought(bring):
    told = bring(
        "Good,1.2,2,,,,,",
        ",1.2,2,,,,,",
        "A,1.3,2,,,,,",
        "B,1.2,3,,,,,",
        "C,1.2,2,,,perhaps,,",
        "D,1.2,2,,,,30.6.2030,",
        f"E,1.2,2,two words,{SECRET},,,",
        f"F,1.2,2,key,{SECRET},,,",
        f"G,1.2,2,key,{SECRET},,,",
    )
    assert [told.count(f"Line {number}:") for number in range(2, 11)] == [0, 1, 1, 1, 1, 1, 1, 0, 1]
    assert "Line 7: expires is a date such as 2027-06-30." in told
    assert "Nothing was brought: 7 things to put right." in told
    assert SECRET not in told
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("head", "fault"),
    [("name,oauth", "version missing"), ("name,version,oauth,colour", "'colour' is not known")],
)
def test_the_head_must_name_the_columns(bring, head, fault):
    assert fault in bring("A,1.2,2,x", head=head)


def test_a_file_that_is_not_there_is_one_sentence(db):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_connections", "/nowhere.csv")


def test_a_brought_secret_is_not_shown_by_its_row():
    [row] = bringing.read([HEAD, f"Tool,1.2,2,key,{SECRET},,,"])
    assert SECRET not in repr(row)
