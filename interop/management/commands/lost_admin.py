"""Give somebody of the data office a way back in: a new password, no second step, no running sessions."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from interop import audit
from interop.signin import sessions
from interop.signin.passwords import new_password


class Command(BaseCommand):
    """`lost_admin USERNAME`: for whoever runs the portal's computer; it stands in the audit trail."""

    help = "Give somebody a new password, shown once, and remove the lost second step and all sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the way back in, or say in one line why not."""
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['username']}. create_admin makes somebody.")
        password = new_password()
        with transaction.atomic():
            steps = [each.type for each in Authenticator.objects.filter(user=user)]
            was_active = user.is_active
            Authenticator.objects.filter(user=user).delete()
            user.set_password(password)
            user.is_active = True
            user.save()
            sessions.end_all(user.pk)
            audit.record(
                "lost_admin", "let back in", user,
                before={"second_steps": steps, "active": was_active}, after={"second_steps": [], "active": True},
            )  # fmt: skip
        self.stdout.write(f"{user.username} may sign in at {settings.PUBLIC_URL}/admin/, then sets up a second step.")
        self.stdout.write(f"Password: {password}   (shown only now)")
