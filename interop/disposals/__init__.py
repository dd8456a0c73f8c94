"""Deleting data for good: looked at first, approved by a second officer in the admin, and certified.

Whoever runs a command on the portal's machine could name anybody as the second person, so no name is taken there: the
approval is a button that another security officer presses after signing in.
"""
