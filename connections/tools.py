"""Learning tools as the pages of an application show them. They stand above this app, so they are known by name."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.utils.module_loading import import_string

from connections.catalogue import Function
from connections.models import Application
from connections.state import State

FOUND = "lti.screens.truth.found"
PART = "lti.screens.part.part"
DELETE_ALL = "lti.screens.truth.delete_all"


@dataclass(frozen=True)
class Tools:
    """The tools of one application: how many, how many of them are enabled, what they do, and how each is."""

    total: int = 0
    on: int = 0
    functions: frozenset[Function] = frozenset()
    states: tuple[State, ...] = field(default_factory=tuple)


def found(applications: Iterable[int]) -> Mapping[int, Tools]:
    """Return the tools of these applications, by application; one without any is not there. Two statements."""
    return cast("Mapping[int, Tools]", import_string(FOUND)(list(applications)))


def with_tools(functions: Collection[Function], tools: Tools) -> tuple[Function, ...]:
    """Return what an application can do when its tools are there too, in the order of lozenges."""
    return tuple(each for each in Function if each in functions or each in tools.functions)


def part(application: Application) -> Any:
    """Return what the application's page shows of its tools; its `template` shows it."""
    return import_string(PART)(application)


def delete_all(application: Application, *, actor: str) -> None:
    """Delete the tools of an application that is about to be deleted."""
    import_string(DELETE_ALL)(application, actor=actor)
