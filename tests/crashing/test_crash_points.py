"""Processes killed with -9 wherever it could hurt: vendors keep what they had, and everything is done in the end."""

import datetime as dt
import os
import zipfile
from itertools import product
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from interop import fault
from interop.celery import app
from interop.jobs import asking, planning
from interop.jobs.models import JobRun, State
from roster import refreshing
from roster.exports.package import write_package
from roster.feeding import deliveries
from roster.models import Calendar, Person, Record, SchoolYear, Term
from roster.publishing import publish
from tests.crashing.invariants import quiet, violations
from tests.crashing.programs import Programs, started
from tests.crashing.vendor import Vendor
from tests.gradebook.conftest import make_book

pytestmark = pytest.mark.django_db(transaction=True)
PROVE = bool(os.environ.get("INTEROP_PROVE"))
ITSELF = "itself"
VICTIMS = (ITSELF, "web", "worker", "scheduler")
"""Who dies when a process comes by a point: the process, or a whole program, whatever it is doing then."""
RUNS = int(os.environ.get("INTEROP_CRASHES", "3"))
ROUNDS = [*product(fault.POINTS, VICTIMS)] * RUNS if PROVE else [("import.applied", ITSELF), ("bulk.written", ITSELF)]
PROGRAMS = ("web", "worker", "scheduler") if PROVE else ("web", "worker")


@pytest.fixture
def district(settings, tmp_path) -> None:
    """Two schools with a grade book; today is in the middle of their year."""
    settings.DATA_DIR = tmp_path
    make_book()
    today = timezone.localdate()
    dates = {"start_date": today - dt.timedelta(days=60), "end_date": today + dt.timedelta(days=60)}
    for model in (SchoolYear, Calendar, Term):
        model.objects.update(**dates)
    rename("Round 0")
    app.control.purge()


def rename(name: str) -> None:
    """Let everybody be called by the number of the round, so that a mixture of editions would be seen."""
    Person.objects.update(family_name=name)


def trigger(point: str, name: str, folder: Path) -> None:
    """Bring about what comes by the point: an import and its publication, or a refresh; the vendor writes anyway."""
    if not point.startswith("import."):
        rename(name)
        refreshing.ask("ada", timezone.now())
        return
    path = folder / "district.zip"
    write_package(path, 12)
    before = Person.objects.values_list("family_name", flat=True)[0]
    with zipfile.ZipFile(path) as source:
        files = {each: source.read(each) for each in source.namelist()}
    files["users.csv"] = files["users.csv"].replace(f",{before},".encode(), f",{name},".encode())
    with zipfile.ZipFile(path, "w") as target:
        for each, content in files.items():
            target.writestr(each, content)
    deliveries.upload(SimpleUploadedFile("nightly.zip", path.read_bytes()), by="ada")


def ring() -> None:
    """Look for what is due like the scheduler, only sooner."""
    planning.look(timezone.now())


def crash(programs: Programs, vendor: Vendor, point: str, victim: str, name: str) -> list[str]:
    """One round: somebody dies at the point while the vendor works; return what is not well in the end."""
    programs.arm(point, victim)
    with vendor.at_work():
        trigger(point, name, programs.folder)
        if not programs.eventually(lambda: not programs.file.exists(), meanwhile=ring):
            programs.file.unlink(missing_ok=True)
            return ["nobody came by the point"]
        settled = programs.eventually(quiet, meanwhile=ring) and programs.eventually(programs.answers)
    asking.ask("in-progress-grades")
    settled = programs.eventually(quiet, meanwhile=ring) and settled
    told = [] if settled else ["I5: something is at work after 90 s"]
    users = Record.objects.filter(version=12, object="user", retired_at=None, status="active")
    if {find["familyName"] for find in users.values_list("find", flat=True)} != {name}:
        told.append("what was asked for was not published")
    return [*told, *violations(vendor)]


def test_whoever_dies_wherever_nothing_is_lost_and_everything_is_done_in_the_end(district, settings, tmp_path, capsys):
    wrong: dict[str, list[str]] = {}
    with started(tmp_path, *PROGRAMS) as programs:
        settings.PUBLIC_URL = programs.url  # addresses within records are the same whoever publishes
        publish(timezone.now(), force=True)
        vendor = Vendor(programs.url, str(timezone.localdate() - dt.timedelta(days=10)))
        assert programs.eventually(programs.answers), (tmp_path / "web.log").read_text()
        for number, (point, victim) in enumerate(ROUNDS, 1):
            if found := crash(programs, vendor, point, victim, f"Round {number}"):
                wrong.setdefault(f"{point} x {victim}", []).extend(found)
        begun = dict(programs.begun)
    if PROVE:
        with capsys.disabled():
            print(f"\n{len(fault.POINTS)} points x {len(VICTIMS)} victims x {RUNS} runs; programs begun: {begun}")
            print(f"{vendor.batches} batches written, {vendor.pulls} pulls, {len(vendor.heard)} answers")
            print(f"violations: {wrong}")
    assert wrong == {}
    assert vendor.pulls
    assert vendor.batches


@pytest.mark.skipif(not PROVE, reason="a poison job takes five deaths; make prove runs it")
def test_a_job_that_kills_every_worker_is_given_up_after_five_deaths_and_the_others_go_on(district, tmp_path):
    publish(timezone.now(), force=True)
    rename("Round 1")
    refreshing.ask("ada", timezone.now())
    asking.ask("usage")
    with started(tmp_path, "worker", fatal="refresh.begun") as programs:
        for job, state in (("refresh", State.DEAD), ("usage", State.DONE)):
            wanted = JobRun.objects.filter(job=job, state=state)
            assert programs.eventually(wanted.exists, meanwhile=ring), job
