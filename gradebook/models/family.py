"""What students and parents chose for themselves."""

from django.db import models

from roster.models import Person


class FamilyChoice(models.Model):
    """The choices of one person. Mail is off until they ask for it.

    `told_until`: they were told by mail of everything up to here. `language` is the one their mail is written in.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="family_choice")
    mail_grades = models.BooleanField(default=False, db_default=False)
    mail_missing = models.BooleanField(default=False, db_default=False)
    language = models.CharField(max_length=10, default="en", db_default="en")
    told_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"choices of {self.person_id}"
