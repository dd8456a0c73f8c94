"""Every operation of assessments: which objects, under which scope, found or done how. OneRoster 1.2 only."""

from typing import Literal

from interop.oneroster.endpoints import Endpoint

from . import wire  # noqa: F401  (declares the objects named below)
from .reading import sources  # noqa: F401  (tells where they are)

SCOPES = {"put": ("assessment.createput",), "delete": ("assessment.delete",)}
READ = ("assessment.readonly",)


def _one_kind(plural: str, single: str, act: str) -> tuple[Endpoint, ...]:
    """The collection of a kind, one object of it, and putting and deleting one."""
    obj = single[0].lower() + single[1:]
    path = plural[0].lower() + plural[1:]

    def row(operation: str, where: str, kind: Literal["list", "single", "put", "delete"], act: str = "") -> Endpoint:
        return Endpoint(
            operation, where, obj, kind, SCOPES.get(kind, READ), "gradebook",
            since=12, cert=kind in ("list", "single"), act=act and f"assessments.receiving.{act}",
        )  # fmt: skip

    return (
        row(f"getAll{plural}", f"/{path}", "list"),
        row(f"get{single}", f"/{path}/{{sourcedId}}", "single"),
        row(f"put{single}", f"/{path}/{{sourcedId}}", "put", f"put_{act}"),
        row(f"delete{single}", f"/{path}/{{sourcedId}}", "delete", f"delete_{act}"),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    *_one_kind("AssessmentLineItems", "AssessmentLineItem", "test"),
    *_one_kind("AssessmentResults", "AssessmentResult", "score"),
)
