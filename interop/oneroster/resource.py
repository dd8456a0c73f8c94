"""How a OneRoster object is declared: its fields, both versions side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

Kind = Literal["string", "boolean", "date", "datetime", "float", "enum", "ref", "object", "metadata"]
Service = Literal["rostering", "resources", "gradebook"]
V1P1, V1P2 = 11, 12
VERSIONS = (V1P2, V1P1)


@dataclass(frozen=True)
class Field:
    """One field on the wire. `required` may name the versions that require it; `parts` are an object's own fields.

    `sent` False: a client that writes the object may leave it out although every answer has it.
    """

    name: str
    kind: Kind = "string"
    required: bool | tuple[int, ...] = False
    since: int = 11
    until: int = 12
    many: bool = False
    target: str | None = None
    values: tuple[str, ...] = ()
    parts: "tuple[Field, ...]" = ()
    extensible: bool = False
    sent: bool = True

    def exists_in(self, version: int) -> bool:
        return self.since <= version <= self.until

    def required_in(self, version: int) -> bool:
        return self.required if isinstance(self.required, bool) else version in self.required


COMMON = (
    Field("sourcedId", required=True),
    Field("status", "enum", required=True, values=("active", "tobedeleted")),
    Field("dateLastModified", "datetime", required=True),
)
METADATA = Field("metadata", "metadata")
COLUMNS = {"sourcedId": "sourced_id", "status": "status", "dateLastModified": "modified"}
REF_PARTS = (Field("href", required=True), Field("sourcedId", required=True), Field("type", required=True))


@dataclass(frozen=True)
class Place:
    """Where a dotted path leads: the last field, and whether a list lies on the way (`objects`: a list of objects)."""

    path: str
    field: Field
    many: bool
    objects: bool
    target: str | None = None


@dataclass(frozen=True, eq=False)
class Resource:
    """One OneRoster object: its envelope keys, its fields and the path segment of its single endpoint."""

    object: str
    collection: str
    single: str
    fields: tuple[Field, ...]
    path: str
    service: Service = "rostering"

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        return (*COMMON, METADATA, *self.fields)

    def fields_in(self, version: int) -> tuple[Field, ...]:
        """Every field of this version, in the order it is written."""
        return tuple(field for field in self.all_fields if field.exists_in(version))

    def field(self, path: str, version: int) -> Field | None:
        """The field a dotted path names, or None."""
        place = self.place(path, version)
        return place.field if place else None

    def place(self, path: str, version: int) -> Place | None:
        """Where a dotted path leads in this version, through references, objects and metadata; or None."""
        return _place(self, path, version)

    def paths(self, version: int) -> Iterator[str]:
        """Every path of this version that has a value of its own (metadata aside)."""
        yield from _paths(self.fields_in(version), version)


REGISTRY: dict[str, Resource] = {}


def register(resource: Resource) -> Resource:
    """Make a declaration known under its object name."""
    REGISTRY[resource.object] = resource
    return resource


def _paths(fields: tuple[Field, ...], version: int, prefix: str = "") -> Iterator[str]:
    for field in fields:
        if not field.exists_in(version) or field.kind == "metadata":
            continue
        parts = REF_PARTS if field.kind == "ref" else field.parts
        if parts:
            yield from _paths(parts, version, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


@lru_cache(maxsize=4096)
def _place(resource: Resource, path: str, version: int) -> Place | None:
    fields, many, objects = resource.fields_in(version), False, False
    names = path.split(".")
    for index, name in enumerate(names):
        field = next((each for each in fields if each.name == name and each.exists_in(version)), None)
        if field is None:
            return None
        if field.kind == "metadata" and index < len(names) - 1:
            rest = ".".join(names[index + 1 :])
            return Place(path, Field(rest), many=False, objects=False) if all(names[index + 1 :]) else None
        last = index == len(names) - 1
        many = many or field.many
        objects = objects or (field.many and not last)
        if last:
            return Place(path, replace(field, many=many), many=many, objects=objects)
        if field.kind == "ref" and index == len(names) - 2:
            part = next((each for each in REF_PARTS if each.name == names[-1]), None)
            if part is None:
                return None
            return Place(path, replace(part, many=many), many=many, objects=objects, target=field.target)
        fields = field.parts
    return None
