"""Every operation of the grade book: which objects, under which scope, found or done how."""

from typing import Literal

from interop.oneroster.endpoints import Endpoint

from . import wire  # noqa: F401  (declares the objects named below)

CORE = ("gradebook.readonly", "gradebook-core.readonly")
FULL = ("gradebook.readonly",)
PUT, POST, DELETE = ("gradebook.createput",), ("gradebook.createpost",), ("gradebook.delete",)
ACTS = "gradebook.receiving."


def _one_kind(plural: str, single: str, path: str, acts: str, since: int = 11) -> tuple[Endpoint, ...]:
    """The collection of a kind, one object of it, and putting and deleting one."""
    obj, one = single[0].lower() + single[1:], f"/{path}/{{sourcedId}}"

    def row(operation: str, where: str, kind: Literal["list", "single", "put", "delete"], act: str = "") -> Endpoint:
        scopes = {"put": PUT, "delete": DELETE}.get(kind, CORE)
        return Endpoint(
            operation, where, obj, kind, scopes, "gradebook", since=since, cert=kind == "list", act=act and ACTS + act
        )

    return (
        row(f"getAll{plural}", f"/{path}", "list"),
        row(f"get{single}", one, "single"),
        row(f"put{single}", one, "put", f"put_{acts}"),
        row(f"delete{single}", one, "delete", f"delete_{acts}"),
    )


def _below(operation: str, path: str, obj: str, *, since: int = 11, act: str = "") -> Endpoint:
    """A list below parents named in the path; with `act`, the objects posted there."""
    parents = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
    return Endpoint(
        operation, path, obj, "post" if act else "list", POST if act else FULL, "gradebook",
        since=since, parents=parents, act=act and ACTS + act,
    )  # fmt: skip


ENDPOINTS: tuple[Endpoint, ...] = (
    *_one_kind("Categories", "Category", "categories", "category"),
    *_one_kind("LineItems", "LineItem", "lineItems", "line_item"),
    *_one_kind("Results", "Result", "results", "result"),
    *_one_kind("ScoreScales", "ScoreScale", "scoreScales", "score_scale", since=12),
    _below("getCategoriesForClass", "/classes/{class}/categories", "category", since=12),
    _below("getLineItemsForClass", "/classes/{class}/lineItems", "lineItem"),
    _below("getResultsForClass", "/classes/{class}/results", "result"),
    _below("getScoreScalesForClass", "/classes/{class}/scoreScales", "scoreScale", since=12),
    _below("getScoreScalesForSchool", "/schools/{school}/scoreScales", "scoreScale", since=12),
    _below("getResultsForLineItemForClass", "/classes/{class}/lineItems/{lineItem}/results", "result"),
    _below("getResultsForStudentForClass", "/classes/{class}/students/{student}/results", "result"),
    _below("postLineItemsForClass", "/classes/{class}/lineItems", "lineItem", since=12, act="post_line_items"),
    _below("postLineItemsForSchool", "/schools/{school}/lineItems", "lineItem", since=12, act="post_line_items"),
    _below("postResultsForLineItem", "/lineItems/{lineItem}/results", "result", since=12, act="post_results"),
    _below(
        "postResultsForAcademicSessionForClass",
        "/classes/{class}/academicSessions/{academicSession}/results",
        "result",
        since=12,
        act="post_results",
    ),
)
