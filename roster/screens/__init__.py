"""The screens of the district's data."""

from interop.admin.screens import Screen

SCREENS: tuple[Screen, ...] = ()
