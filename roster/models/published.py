"""What vendors read: records rendered by the publisher, and the frozen lists that pulls walk."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

BLOCK = 1024
"""Every publication numbers its records from a multiple of this on, so that nothing is ever added to a block."""


class Edition(models.Model):
    """One publication: its commit is the instant all its changes become visible."""

    number = models.BigIntegerField(primary_key=True)
    published_at = models.DateTimeField()
    counts = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    school_year = models.BigIntegerField(null=True)


class Record(models.Model):
    """One wire object in one version as published once; retired, never changed. `id` is given out by the publisher.

    `school` is the home school (null: the whole district), `others` further schools, `former` schools it left
    this year. `audience` names the switch that must be on (guardian, relative; blank: none).
    `find` is a flat mapping from dotted wire path to value or list of values, without hrefs. `digest` stands for what
    the body says but for its date, `source` for the facts it was rendered from (null: nobody knows, render again).
    """

    id = models.BigIntegerField(primary_key=True)
    version = models.PositiveSmallIntegerField()
    object = models.CharField(max_length=20)
    sourced_id = models.CharField(max_length=255, db_collation="C")
    status = models.CharField(max_length=15)
    modified = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    school = models.BigIntegerField(null=True)
    others = ArrayField(models.BigIntegerField(), null=True)
    former = ArrayField(models.BigIntegerField(), null=True)
    audience = models.CharField(max_length=10, blank=True)
    digest = models.BinaryField()
    source = models.BigIntegerField(null=True)
    find = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "object", "sourced_id"],
                condition=models.Q(retired_at=None),
                name="record_live_unique",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["version", "object", "school", "sourced_id"],
                include=["id"],
                condition=models.Q(retired_at=None),
                name="record_live_school",
            ),
            models.Index(
                fields=["version", "object", "modified"],
                condition=models.Q(retired_at=None),
                name="record_live_modified",
            ),
            models.Index(
                fields=["version", "object"],
                condition=models.Q(retired_at=None, source=0),
                name="record_live_buried",
            ),
            models.Index(
                fields=["retired_at"],
                condition=models.Q(retired_at__isnull=False),
                name="record_retired",
            ),
            # who is a student is asked for more than anything else of people, and half of them are
            *(
                models.Index(
                    fields=["version", "object", "school", "sourced_id"],
                    include=["id"],
                    # in this order: for most records the first words decide
                    condition=models.Q(object="user", retired_at=None) & models.Q(find__contains=told),
                    name=name,
                )
                for told, name in (
                    ({"roles.role": ["student"]}, "record_live_students"),
                    ({"role": "student"}, "record_live_students_11"),
                )
            ),
            GinIndex(
                fields=["others"],
                condition=models.Q(retired_at=None, others__isnull=False),
                name="record_live_others",
                fastupdate=False,
            ),
            GinIndex(
                fields=["former"],
                condition=models.Q(retired_at=None, former__isnull=False),
                name="record_live_former",
                fastupdate=False,
            ),
            GinIndex(
                OpClass("find", name="jsonb_path_ops"),
                condition=models.Q(retired_at=None),
                name="record_live_find",
            ),
        ]


class Body(models.Model):
    """The JSON bytes of the record with the same id; never updated."""

    id = models.BigIntegerField(primary_key=True)
    doc = models.BinaryField()


class Withheld(models.Model):
    """A record that must not be sent to anybody any more, also from lists frozen earlier; `id` is the record's.

    Written when somebody or something is excluded; a record that merely ended is not withheld.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()


class MirrorEpoch(models.Model):
    """One row: which copies of bodies on the web servers' disks are good (roster/reading/mirror.py)."""

    epoch = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)


class Frozen(models.Model):
    """An ordered list of record ids: `ids` is int8 big-endian, eight bytes a record."""

    key = models.BinaryField(unique=True)
    edition = models.BigIntegerField()
    total = models.IntegerField()
    ids = models.BinaryField()
    made_at = models.DateTimeField()


class Pull(models.Model):
    """A connection's newest walk through one query; `connection` is the Connection's id."""

    connection = models.BigIntegerField()
    query = models.BinaryField()
    frozen = models.ForeignKey(Frozen, on_delete=models.CASCADE, related_name="pulls")
    began_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "query"], name="one_pull_per_query")]


class PastRecord(models.Model):
    """What stays of a version of a person's record when it is dropped: when and where it was published, in which roles.

    `id` is the record's. Kept as long as the access log (connections/partitions.py).
    """

    id = models.BigIntegerField(primary_key=True)
    version = models.PositiveSmallIntegerField()
    object = models.CharField(max_length=20)
    sourced_id = models.CharField(max_length=255, db_collation="C", db_index=True)
    modified = models.DateTimeField()
    retired_at = models.DateTimeField()
    school = models.BigIntegerField(null=True)
    others = ArrayField(models.BigIntegerField(), null=True)
    former = ArrayField(models.BigIntegerField(), null=True)
    audience = models.CharField(max_length=10, blank=True)
    find = models.JSONField(default=dict)


class ServedScope(models.Model):
    """What a connection could see from a moment on, noted when it began a list; `connection` is the Connection's id.

    `since` and `last` are the dates of the editions it was served first and last under this scope. A new row is written
    when the scope has changed, so deltas can tell what came into sight or left it.
    """

    connection = models.BigIntegerField()
    at = models.DateTimeField()
    since = models.DateTimeField()
    last = models.DateTimeField()
    schools = ArrayField(models.BigIntegerField(), null=True)
    guardians = models.BooleanField()
    relatives = models.BooleanField()
    secondary_email = models.BooleanField()
    demographics = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "at"], name="one_scope_at_a_time")]


class Lost(models.Model):
    """A record a connection had and lost by a change of its scope: told as deleted, from the version it had."""

    connection = models.BigIntegerField()
    record = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "record"], name="lost_once")]


class RoleId(models.Model):
    """The sourcedId a person has in one role of OneRoster 1.1, where everybody is one user for each role.

    It is chosen when that user is first published and never changes. `prefixed` ids are those of the district setting
    Role-prefixed user ids; each form is unique by itself.
    """

    person = models.ForeignKey("roster.Person", on_delete=models.CASCADE, related_name="role_ids")
    role = models.CharField(max_length=20)
    prefixed = models.BooleanField()
    sourced_id = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "role", "prefixed"], name="role_id_once"),
            models.UniqueConstraint(fields=["sourced_id", "prefixed"], name="role_id_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.sourced_id} ({self.role})"


class Touched(models.Model):
    """A note that something changed since the last publication, written by triggers with the change itself.

    `key` says which row of what `kind` (see roster/publishing/touched.py).
    """

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=255)
