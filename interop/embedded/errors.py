"""What can go wrong with the embedded servers, told in one sentence."""


class EmbeddedError(Exception):
    """The embedded servers cannot run here; the message is for people."""
