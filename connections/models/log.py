"""What vendors did: the access log, and what is added up from it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from connections.models.connection import Connection
from connections.models.credentials import Credential


class AccessLog(models.Model):
    """Who read what and when: one row per request of a known connection, without student data.

    Connection and credential are plain numbers with a name beside them in the admin: the log outlives both. The table
    is partitioned by month (partitions.py). `times` is over 1 where one row stands for refusals of one second.
    `record` is the published record a single read gave, and `ids` those of a list of people that a filter or a parent
    narrowed down, eight bytes each: whoever was in a whole list follows from its edition.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    at = models.DateTimeField(db_default=Now())
    operation = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField(null=True)
    filter_fields = models.CharField(max_length=500, blank=True)
    offset = models.BigIntegerField(null=True)
    limit = models.BigIntegerField(null=True)
    records = models.BigIntegerField(null=True)
    total = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    milliseconds = models.FloatField(null=True)
    edition = models.BigIntegerField(null=True)
    record = models.BigIntegerField(null=True)
    ids = models.BinaryField(null=True)
    times = models.PositiveIntegerField(default=1, db_default=1)
    status = models.PositiveSmallIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        verbose_name_plural = "access log"
        indexes: ClassVar = [
            models.Index(fields=["connection", "at"], name="access_log_of"),
            BrinIndex(fields=["at"], name="access_log_at"),
            models.Index(fields=["connection", "at"], condition=Q(ids__isnull=False), name="access_log_narrowed"),
            models.Index(fields=["record"], condition=Q(record__isnull=False), name="access_log_record"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.operation} {self.status}"


class DailyUse(models.Model):
    """What one connection did on one day of the district, added up from the access log.

    `refused` are sign-ins, `errors` everything else that was not answered with data.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    last_call_at = models.DateTimeField(null=True)
    last_refusal_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "day"], name="one_row_a_day")]

    def __str__(self) -> str:
        return f"{self.connection} on {self.day}"


class KindUse(models.Model):
    """What one connection did on one day of the district by one operation; `last_at` is its last success."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="kinds")
    operation = models.CharField(max_length=100)
    day = models.DateField()
    calls = models.PositiveBigIntegerField(default=0)
    errors = models.PositiveBigIntegerField(default=0)
    records = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "operation", "day"], name="one_row_a_kind_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.operation} by {self.connection} on {self.day}"


class SeenNetwork(models.Model):
    """A network a connection called from: /24 of IPv4, /48 of IPv6."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="seen_networks")
    network = models.CharField(max_length=50)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["connection", "network"], name="network_seen_once")]

    def __str__(self) -> str:
        return f"{self.network} of {self.connection}"


class Delivery(models.Model):
    """All that one connection was given of one list of one edition under one scope, added up from the access log.

    It answers who received a record, and like the log it outlives its connection. The scope is what the connection
    could see at the time (`scope_at` is when it was noted; `schools` null: all of them). `low` and `high` are the first
    place of the list that was given and the one after the last, `total` its length.
    """

    connection = models.BigIntegerField()
    version = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=100)
    edition = models.BigIntegerField()
    scope_at = models.DateTimeField()
    filtered = models.BooleanField()
    schools = ArrayField(models.BigIntegerField(), null=True)
    guardians = models.BooleanField()
    relatives = models.BooleanField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    requests = models.BigIntegerField()
    records = models.BigIntegerField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "version", "operation", "edition", "scope_at", "filtered"], name="delivery_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["operation", "edition"], name="delivery_of")]

    def __str__(self) -> str:
        return f"{self.operation} of edition {self.edition} to {self.connection}"


class UsageMark(models.Model):
    """One row: how far the access log has been added up, and the numbers below that which had not come yet."""

    last = models.BigIntegerField(default=0)
    missing = ArrayField(models.BigIntegerField(), default=list)

    def __str__(self) -> str:
        return f"added up to {self.last}"
