"""People, their accounts, their places and their relationships."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper

from roster.models.base import Excludable, SisRecord, search_index
from roster.models.structure import Calendar, GradeLevel, Resource, School

PERSON_TEXT = (
    "given_name", "preferred_given_name", "family_name", "preferred_family_name", "local_id", "state_id", "email",
    "secondary_email", "sourced_id",
)  # fmt: skip
"""What a person is found by, in the order of the index."""


class Person(SisRecord, Excludable):
    """One human being, whatever roles they have. `email` is the address of the Demographics tool."""

    given_name = models.CharField(max_length=255)
    family_name = models.CharField(max_length=255)
    middle_name = models.CharField(max_length=255, blank=True)
    preferred_given_name = models.CharField(max_length=255, blank=True)
    preferred_middle_name = models.CharField(max_length=255, blank=True)
    preferred_family_name = models.CharField(max_length=255, blank=True)
    pronouns = models.CharField(max_length=100, blank=True)
    local_id = models.CharField(max_length=255, blank=True)
    state_id = models.CharField(max_length=255, blank=True)
    master_identifier = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=255, blank=True)
    secondary_email = models.CharField(max_length=255, blank=True)
    other_phone = models.CharField(max_length=50, blank=True)
    cell_phone = models.CharField(max_length=50, blank=True)
    primary_school = models.ForeignKey(School, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resources = models.ManyToManyField(Resource, blank=True, related_name="people")

    class Meta(SisRecord.Meta):
        indexes: ClassVar = [
            models.Index(fields=["family_name", "given_name", "id"], name="roster_person_name"),
            search_index("roster_person_text", *PERSON_TEXT),
        ]


class Account(models.Model):
    """How somebody signs in. A username `made_here` stays until the feed brings one."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="account")
    username = models.CharField(max_length=255, db_index=True)
    enabled = models.BooleanField(default=True)
    made_here = models.BooleanField(default=False, db_default=False)

    class Meta:
        # people are looked up by it as they type it, capitals aside, and by a part of it
        indexes: ClassVar = [
            models.Index(Upper("username"), name="roster_account_upper_username"),
            search_index("roster_account_text", "username"),
        ]

    def __str__(self) -> str:
        return self.username


class Demographics(models.Model):
    """Demographic facts of a person; blank or null means not recorded."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="demographics")
    ended_at = models.DateTimeField(null=True, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=30, blank=True)
    american_indian_or_alaska_native = models.BooleanField(null=True)
    asian = models.BooleanField(null=True)
    black_or_african_american = models.BooleanField(null=True)
    native_hawaiian_or_other_pacific_islander = models.BooleanField(null=True)
    white = models.BooleanField(null=True)
    two_or_more_races = models.BooleanField(null=True)
    hispanic_or_latino = models.BooleanField(null=True)
    country_of_birth = models.CharField(max_length=50, blank=True)
    state_of_birth = models.CharField(max_length=50, blank=True)
    city_of_birth = models.CharField(max_length=100, blank=True)
    public_school_residence_status = models.CharField(max_length=50, blank=True)

    def __str__(self) -> str:
        return f"demographics {self.pk}"


class Enrollment(SisRecord, Excludable):
    """A student's enrollment in a calendar."""

    class ServiceType(models.TextChoices):
        PRIMARY = "primary"
        SECONDARY = "secondary"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrollments")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="enrollments")
    grade_level = models.ForeignKey(GradeLevel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    service_type = models.CharField(max_length=10, choices=ServiceType.choices, default=ServiceType.PRIMARY)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    no_show = models.BooleanField(default=False)


class DistrictAssignment(SisRecord, Excludable):
    """A staff member's assignment at a school. `roles` are the boxes beside Teacher (campus rules 3.1)."""

    ROLES: ClassVar[list[str]] = [
        "specialEd", "program", "behavior", "health", "responseApprover", "rti", "advisor", "supervisor",
        "counselor", "foodService", "approver", "framProcessor",
    ]  # fmt: skip
    ADMINISTRATIVE: ClassVar[list[str]] = ["districtAdministrator", "siteAdministrator", "principal"]

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="district_assignments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="district_assignments")
    teacher = models.BooleanField(default=False)
    roles = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    administrative_role = models.CharField(max_length=30, blank=True)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)


class Relationship(SisRecord):
    """`contact` is related to `student`; guardian and portal are the SIS's boxes (seeds/002)."""

    student = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    contact = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="related_students")
    relationship_type = models.CharField(max_length=100, blank=True)
    guardian = models.BooleanField(default=False)
    portal = models.BooleanField(default=False)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)

    class Meta(SisRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["student", "contact"], name="one_relationship_per_pair")
        ]
