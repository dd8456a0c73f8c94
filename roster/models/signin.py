"""How people of the roster sign in: who is which user of the portal, and the codes that let them begin."""

from django.conf import settings
from django.db import models

from roster.models.people import Person


class SignIn(models.Model):
    """A person of the roster and the one user they are. Who may come in the roster decides, request by request."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="sign_in")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roster_tie")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sign-in of {self.person_id}"


class ActivationCode(models.Model):
    """A code that waits for its person; a new one takes its place, and using it deletes it. `digest` needs our key."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="activation_code")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"activation code of {self.person_id}"
