"""What became of the items of a request."""

from dataclasses import dataclass, field


@dataclass
class Done:
    """The sourcedIds that were created, and those that were changed; all others are as they were before."""

    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
