"""Settings of one installation: read from the environment, complete on a laptop, strict in production."""

from interop.settings.base import *  # noqa: F403
