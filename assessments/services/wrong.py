"""What people are told about what they typed."""


class Wrong(ValueError):
    """It cannot be stored; the sentence says why, `field` names where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
