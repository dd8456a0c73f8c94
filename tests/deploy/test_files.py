"""What deploy/ starts exists: every command is one of ours with options it takes, every variable is documented."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class

DEPLOY = Path(settings.BASE_DIR) / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
DOCUMENTED = (Path(settings.BASE_DIR) / "docs" / "operators.md").read_text(encoding="utf-8")


def commands() -> dict[str, list[str]]:
    """Return every call of manage.py by where it stands."""
    found = {f"compose {name}": each["command"] for name, each in COMPOSE["services"].items() if "x-" not in name
             and each.get("image") == "interop"}  # fmt: skip
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S+ manage\.py (.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE):
            found[unit.name] = shlex.split(line)
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    [default] = re.findall(r"^CMD (\[.*\])$", container, re.MULTILINE)
    return {**found, "container": yaml.safe_load(default)}


@pytest.mark.parametrize("where", commands())
def test_every_command_takes_its_options(where):
    name, *options = commands()[where]
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(options)


def test_all_programs_are_started_in_both_ways():
    started = {(where.split()[0], *words[:2]) for where, words in commands().items() if words[0] == "serve"}
    assert {program for _, _, program in started} == {"web", "worker", "scheduler"}
    assert len(started) == 7


def test_every_variable_is_documented_and_every_secret_declared():
    texts = [
        path.read_text(encoding="utf-8") for path in (DEPLOY / "compose.yaml", DEPLOY / "interop.env.example", *UNITS)
    ]
    named = set(
        re.findall(
            r"\b([A-Z]+(?:_[A-Z]+)*_(?:URL|KEYS?|FROM|ZONE|ALLOWED|DIR)|DATA_DIR)(?:_FILE)?\s*[=:]", "".join(texts)
        )
    )
    assert len(named) >= 8
    assert [name for name in sorted(named) if f"`{name}`" not in DOCUMENTED] == []
    used = {secret for each in COMPOSE["services"].values() for secret in each.get("secrets", ())}
    assert used == COMPOSE["secrets"].keys()


def test_the_proxy_hides_figures_and_logs_no_addresses_of_people():
    proxy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert "location /metrics { return 404; }" in proxy
    logged = proxy[proxy.index("log_format") : proxy.index("access_log")]
    assert "$part" in logged
    assert not re.search(r"\$(args|query_string|request_uri|uri|request\b(?!_))", logged)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in proxy
