"""Why a publication did not happen; the message is a sentence for people."""


class NotPublished(Exception):
    """Nothing was published; vendors keep the last edition."""


class RefreshRunning(NotPublished):
    """Another refresh is at work."""


class NoActiveYear(NotPublished):
    """No school year is active, so nothing can be decided."""


class Held(NotPublished):
    """The publication would remove or change suspiciously much; `reasons` name the figures."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("Held for a named person: " + "; ".join(reasons) + ".")
