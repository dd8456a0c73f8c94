"""Work nobody waits for is nice to the rest of the machine, and its session with it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class

from interop import priority
from interop.embedded.users import ROOT

GIVING_WAY = """
import os
from interop.priority import give_way
session = lambda: open("/proc/self/autogroup").read().split()[-1:]
print(*session())
give_way()
print(os.nice(0), *session())
"""
LINUX = Path("/proc/self/autogroup")


@pytest.mark.skipif(not os.access(LINUX, os.W_OK), reason="only Linux shares the processor between sessions")
@pytest.mark.parametrize("alone", [True, False], ids=["session of its own", "session it shares"])
def test_a_process_gives_way_and_its_session_only_if_it_is_nobody_elses(*, alone: bool) -> None:
    options: dict[str, Any] = {"cwd": ROOT, "capture_output": True, "text": True}
    run = subprocess.run([sys.executable, "-c", GIVING_WAY], check=True, start_new_session=alone, **options)
    before, after = (line.split() for line in run.stdout.splitlines())
    # Processes whose session began before Linux counted sessions, as in some containers, have none to be made nice.
    session = [str(priority.NICE)] if alone and before else before
    assert after == [str(min(os.nice(0) + priority.NICE, 19)), *session]


@pytest.mark.parametrize("name", ["refresh_cache", "import_oneroster"])
def test_a_command_gives_way_as_a_process_of_its_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(priority, "give_way", lambda: told.append("gave way"))
    monkeypatch.setattr("django.core.management.base.BaseCommand.run_from_argv", lambda *_: told.append("ran"))
    load_command_class("roster", name).run_from_argv(["manage.py", name])
    assert told == ["gave way", "ran"]
