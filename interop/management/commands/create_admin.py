"""Make somebody of the data office who signs in with a password."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from interop import audit
from interop.admin import officers
from interop.admin.roles import Role
from interop.signin.passwords import checked, new_password

ROLES = {role.value.replace(" ", "-"): role for role in Role}


class Command(BaseCommand):
    """`create_admin USERNAME --role security-officer`: makes the person and says the password, this once."""

    help = "Make somebody of the data office; the password is typed with --ask, else made and shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("--role", choices=ROLES, required=True)
        parser.add_argument("--email", default="", help="for single sign-on matched by e-mail")
        parser.add_argument("--ask", action="store_true", help="type the password instead of having one made")
        parser.add_argument("--single-sign-on", action="store_true", help="no password: comes by single sign-on only")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the person, or say in one line why not."""
        user = User(username=options["username"], email=options["email"])
        if User.objects.filter(username__iexact=user.username).exists():
            raise CommandError(f"There is already somebody called {user.username}. Take another name, or lost_admin.")
        password = None if options["single_sign_on"] else self.password(user, ask=options["ask"])
        user.set_password(password)
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user.save()
            officers.give(user, ROLES[options["role"]])
            audit.record("create_admin", "created", user, after=officers.facts(user))
        self.stdout.write(f"{user.username} may sign in at {settings.PUBLIC_URL}/admin/ as {options['role']}.")
        if password and not options["ask"]:
            self.stdout.write(f"Password: {password}   (shown only now)")

    def password(self, user: User, *, ask: bool) -> str:
        """Return a password typed twice, or a new one; raises CommandError when the typed one is too easy."""
        if not ask:
            return new_password()
        if not sys.stdin.isatty():
            raise CommandError("--ask needs a terminal to type at.")
        typed = getpass.getpass("Password (15 characters or more): ")
        if typed != getpass.getpass("Once more: "):
            raise CommandError("The two are not the same.")
        try:
            return checked(typed, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
