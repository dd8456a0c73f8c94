"""Progress of long work: a bar with counts and remaining time on a terminal, silence everywhere else."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tqdm import tqdm

Advance = Callable[[str, int], None]
"""Takes what was just worked on and by how much the work went on."""
Bar = Callable[[str, int, str], AbstractContextManager[Advance]]
"""Takes a title, the whole amount of work and its unit; gives the function that tells how far it is."""


@contextmanager
def terminal_bar(title: str, total: int, unit: str) -> Iterator[Advance]:
    """Show a bar on standard error while the work goes on, if standard error is a terminal."""
    with tqdm(total=total, desc=title, unit=unit, unit_scale=True, dynamic_ncols=True, disable=None) as bar:

        def advance(what: str, amount: int) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update(amount)

        yield advance


@contextmanager
def no_bar(title: str, total: int, unit: str) -> Iterator[Advance]:  # noqa: ARG001 - the shape of a Bar
    """Show nothing: for work that nobody watches."""
    yield lambda what, amount: None  # noqa: ARG005
