"""Measure how long a family waits: from a vendor's PUT to the parent's page.

    python -m bench.round_trip [--rounds N]

A vendor of OneRoster 1.1 puts an assignment without a category and a score; the section's default aligns it, the job
computes the grade, and the parent's page shows both. It makes its own database and drops it; bench/README.md tells how
to read the table.
"""

import argparse
import contextlib
import json
import os
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

import django

from bench.installation import HOST, Installation, free_port, installation, servers, serving
from bench.report import Report

POINTS = 100
STUDENTS = 200


@dataclass(frozen=True)
class Stage:
    """A section with its default alignment, a student of it, and how the parent and the vendor come in."""

    section: str
    student: str
    page: str
    due: str
    cookie: str
    token: str
    port: int

    def put(self, kind: str, name: str, **told: object) -> None:
        """Put a row as the vendor."""
        url = f"http://{HOST}:{self.port}/ims/oneroster/v1p1/{kind}s/{name}"
        body = json.dumps({kind: {"sourcedId": name, **told}}).encode()
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, body, head, method="PUT")) as answer:
            assert answer.status == 201, answer.status

    def read(self) -> str:
        """Return the page as the parent sees it."""
        asked = urllib.request.Request(f"http://{HOST}:{self.port}{self.page}", headers={"Cookie": self.cookie})
        with urllib.request.urlopen(asked) as answer:
            return str(answer.read().decode())


def staged(district: Installation, port: int) -> Stage:
    """Prepare a class whose arrivals are aligned by default, and a parent of one of its students."""
    from django.utils import timezone  # noqa: PLC0415

    from gradebook import computing, plans  # noqa: PLC0415
    from gradebook.family.access import family  # noqa: PLC0415
    from gradebook.family.classes import sections  # noqa: PLC0415
    from gradebook.models import Category, DefaultAlignment  # noqa: PLC0415
    from gradebook.teaching.grid import chosen_period  # noqa: PLC0415
    from interop.jobs.running import Run  # noqa: PLC0415
    from roster.models import Person  # noqa: PLC0415

    now = timezone.now()
    for parent in Person.objects.filter(related_students__portal=True).order_by("pk"):
        theirs = family(parent, now)
        for student in theirs.students.values():
            for section in sections(student.key, theirs.today):
                category = Category.objects.filter(sections=section, owner=None).order_by("sequence").first()
                period = chosen_period(plans.books([section.pk])[section.pk], None, theirs.today)
                if category and period and period.is_shown:
                    DefaultAlignment.objects.create(section=section, category=category, task_id=period.task)
                    computing.run(Run(0, "", ""))
                    page = f"/home/students/{student.key}/classes/{section.pk}/"
                    due = min(max(theirs.today, period.first), period.last)
                    return Stage(
                        section.sourced_id, student.person.sourced_id, page, f"{due}T18:00:00.000Z",
                        _session(parent), _token(district, port), port,
                    )  # fmt: skip
    raise SystemExit("No student of this district has a class with a parent and a grading task.")


def _session(parent: Any) -> str:
    """Return the cookie of this parent's session."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from roster.signin.accounts import user_of  # noqa: PLC0415

    user, session, now = user_of(parent), SessionStore(), int(time.time())
    session.update({
        SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(), "signed_in_at": now, "seen_at": now,
    })  # fmt: skip
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _token(district: Installation, port: int) -> str:
    options = ["--version", "1.1", "--oauth", "2", "--partner", "--share", "gradebook", "--no-limits", "--json"]
    made = json.loads(district.manage("create_connection", "--application", "Bench", *options).printed)
    form = f"grant_type=client_credentials&client_id={made['client_id']}&client_secret={made['client_secret']}"
    with urllib.request.urlopen(f"http://{HOST}:{port}/oauth2/token", form.encode()) as answer:
        return str(json.load(answer)["access_token"])


def one_round(stage: Stage, number: int) -> tuple[float, float, float]:
    """Send an assignment and a score; return the seconds until they were taken, shown, and counted in the grade."""
    from gradebook import computing  # noqa: PLC0415
    from gradebook.models import InProgressGrade  # noqa: PLC0415
    from interop.jobs.running import Run  # noqa: PLC0415

    def reference(kind: str, name: str) -> dict[str, str]:
        return {"href": f"https://lms.example/{name}", "sourcedId": name, "type": kind}

    own = InProgressGrade.objects.filter(person__sourced_id=stage.student, section__sourced_id=stage.section)
    title, name, before = f"Round {number}", f"round-{number}", list(own.order_by("pk").values_list("percent"))
    began = time.perf_counter()
    stage.put(
        "lineItem", name, title=title, assignDate=stage.due, dueDate=stage.due, resultValueMin=0,
        resultValueMax=POINTS, **{"class": reference("class", stage.section)},
    )  # fmt: skip
    stage.put(
        "result", name, lineItem=reference("lineItem", name), student=reference("user", stage.student),
        score=number % POINTS, scoreStatus="fully graded", scoreDate=stage.due[:10],
    )  # fmt: skip
    taken = time.perf_counter() - began
    shown = stage.read()
    assert title in shown, title
    assert f"{number % POINTS} of {POINTS}" in shown, title
    seen = time.perf_counter() - began
    computing.run(Run(0, "", ""))
    shown = stage.read()
    counted = time.perf_counter() - began
    assert list(own.order_by("pk").values_list("percent")) != before, "the grade is the one it was"
    assert "within five minutes" not in shown, "the page says the grade is still to follow"
    return taken, seen, counted


def main() -> None:
    """Measure some rounds and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.round_trip", description="Measure from PUT to page.")
    parser.add_argument("--rounds", type=int, default=40, help="assignments sent, one after the other (default: 40)")
    rounds = parser.parse_args().rounds
    report, port = Report(f"{STUDENTS} students"), free_port()
    report.begin()
    with contextlib.ExitStack() as stack:
        district = stack.enter_context(installation(stack.enter_context(servers()), "interop_bench", port))
        district.manage("seed_district", "--students", str(STUDENTS))
        district.manage("refresh_cache")
        os.environ.update(district.environment, DJANGO_SETTINGS_MODULE="interop.settings")
        django.setup()
        stack.enter_context(serving("interop.wsgi:application", port, district.environment))
        stage = staged(district, port)
        stage.read()
        times = zip(*[one_round(stage, number) for number in range(1, rounds + 1)], strict=True)
        measures = (
            ("assignment and score put", ""), ("score on the parent's page", ""),
            ("grade on the parent's page, the job at once", "the job: every 5 minutes"),
        )  # fmt: skip
        for (measure, goal), each in zip(measures, times, strict=True):
            ordered = sorted(each)
            median, slowest = ordered[len(ordered) // 2] * 1000, ordered[-1] * 1000
            report.row(f"{measure}, from the first PUT", f"{median:.0f} ms, slowest {slowest:.0f} ms", goal)
        django.db.connections.close_all()


if __name__ == "__main__":
    main()
