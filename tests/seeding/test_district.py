"""The synthetic district: the same arguments, the same bytes; real shapes in it."""

import datetime
import hashlib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from roster.exports.package import write_package
from roster.models import Account, DistrictAssignment, Enrollment, Person, RosterEntry, SchoolYear
from roster.seeding.district import DistrictNotEmpty, seed
from tests.imports.test_feed import empty_district

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


def bytes_of(path: Path, number: int) -> str:
    """Seed, export, empty; return the hash of the package."""
    seed(120, 2, number, TODAY)
    write_package(path, 12)
    empty_district()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_arguments_give_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    first, again, other = (bytes_of(tmp_path / "district.zip", number) for number in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_district_with_data_is_left_alone() -> None:
    seed(30, 1, 1, TODAY)
    with pytest.raises(DistrictNotEmpty):
        seed(30, 1, 1, TODAY)
    with pytest.raises(CommandError, match="already has data"):
        call_command("seed_district", students=30)


@pytest.mark.parametrize("today", [datetime.date(2026, 1, 1), datetime.date(2026, 7, 1), datetime.date(2027, 6, 30)])
def test_the_active_school_year_contains_today(today: datetime.date) -> None:
    seed(30, 1, 1, today)
    year = SchoolYear.objects.get(active=True)
    assert year.first_day <= today <= year.last_day


def test_real_districts_have_odd_cases_and_so_does_this_one() -> None:
    seed(300, 3, 1, TODAY)
    assert Enrollment.objects.filter(no_show=True).exists()
    assert Enrollment.objects.filter(service_type="secondary").exists()
    assert Enrollment.objects.filter(calendar__school_year__active=True, end_date__lt=TODAY).exists()
    assert Account.objects.filter(enabled=False).exists()
    assert Person.objects.filter(sourced_id__contains="/").exists()
    assert Person.objects.annotate(students=Count("related_students")).filter(students__gt=1).exists()
    assert DistrictAssignment.objects.values("person").annotate(n=Count("school")).filter(n__gt=1).exists()
    assert RosterEntry.objects.count() > 6.5 * 300
