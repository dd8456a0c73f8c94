"""Bring everything that is stored encrypted under the newest key of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from interop import sealed


class Command(BaseCommand):
    help = (
        "Encrypt everything stored encrypted anew under the first key of FIELD_ENCRYPTION_KEYS. Afterwards the other "
        "keys can be dropped. May be broken off and run again at any time, while the portal runs."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it place by place; raises CommandError when something can be opened by none of the keys."""
        outcomes = []
        for place in sealed.places():
            outcome = sealed.reseal(place)
            outcomes.append(outcome)
            self.stdout.write(f"{outcome.name}: {outcome.resealed} encrypted anew, {outcome.newest} were so already")
        lost = [f"{outcome.unreadable} {outcome.name}" for outcome in outcomes if outcome.unreadable]
        if lost:
            raise CommandError(f"No key of FIELD_ENCRYPTION_KEYS opens {', '.join(lost)}. Keep every key; add the one.")
        self.stdout.write("Only the first key of FIELD_ENCRYPTION_KEYS is needed now.")
