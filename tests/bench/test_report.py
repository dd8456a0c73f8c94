"""The file of results keeps one table a size, and each table shows its chart."""

from pathlib import Path
from xml.etree import ElementTree

from bench.chart import chart
from bench.report import Compared, Report


def test_a_new_run_replaces_the_table_of_its_size_alone_and_larger_districts_come_last(tmp_path: Path) -> None:
    path = tmp_path / "results.md"
    for subject, figure in (("100,000 students", "6 s"), ("30,000 students", "2 s"), ("30,000 students", "1 s")):
        report = Report(subject, "Commit abc")
        report.row("a refresh", figure, "3 s", static="50% of 10/s")
        report.save(path, "picture.svg")

    text = path.read_text()

    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 30,000 students", "## 100,000 students",
    ]  # fmt: skip
    assert "| a refresh | 1 s | 50% of 10/s |  |  | 3 s |" in text
    assert "| a refresh | 6 s |" in text
    assert "| a refresh | 2 s |" not in text
    assert text.count("(picture.svg)") == 2


def test_the_chart_marks_the_portal_and_both_references_on_a_scale_of_powers() -> None:
    report = Report("30,000 students", "Commit <abc>", compared=[Compared("users?limit=100", 1e5, 1e6, 1e7)])

    drawn = ElementTree.fromstring(chart(report))  # noqa: S314 - our own

    said = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Commit <abc>", "users?limit=100", "1% of static, 10% of Django", "100 k", "1 M", "10 M"} <= set(said)
