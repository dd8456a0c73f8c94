"""The stock page of the people who sign in: roles in words, given by security officers alone."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interop import audit
from interop.admin import officers
from interop.admin.roles import TITLES, Role, role_of
from interop.signin import sessions

CHOICES = [("", gettext_lazy("None: does not open the admin")), *((role.value, TITLES[role]) for role in Role)]


class WithRole(forms.ModelForm):  # type: ignore[type-arg]
    """One role, instead of groups and permissions."""

    role = forms.ChoiceField(
        choices=CHOICES,
        required=False,
        widget=forms.RadioSelect,
        label=gettext_lazy("Role"),
        help_text=gettext_lazy(
            "Viewers see applications and their state, but no student data. Editors work on connections. Security"
            " officers hold secrets, demographics, settings, people and the audit trail."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "role" in self.fields:
            self.fields["role"].initial = role_of(self.instance) or ""


class ChangePerson(WithRole, UserChangeForm):  # type: ignore[type-arg]
    """A person that exists."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse to take away the last security officer."""
        cleaned = super().clean()
        stays = self.cleaned_data.get("role") == Role.OFFICER or self.instance.is_superuser
        if not (stays and self.cleaned_data.get("is_active")) and officers.is_last(self.instance):
            raise ValidationError(_("This is the last security officer. Make another one first."))
        return cleaned


class NewPerson(WithRole, AdminUserCreationForm):  # type: ignore[type-arg]
    """A person to add; without a password for somebody who comes by single sign-on."""


class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """People who sign in. Nobody is deleted, so that the audit trail keeps meaning somebody: they are switched off."""

    form = ChangePerson
    add_form = NewPerson
    list_display = ("username", "full_name", "email", "role", "second_step", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    ordering = ("-is_staff", "username")  # the data office first: everybody of the roster may stand here too
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("What they may do"), {"fields": ("is_active", "role")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "role")}),
        (gettext_lazy("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Bring groups and second steps along."""
        steps = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
        people: QuerySet[User] = super().get_queryset(request)
        return people.prefetch_related("groups").annotate(has_second_step=Exists(steps))

    @admin.display(description=gettext_lazy("Name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        """Given and family name."""
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("Role"))
    def role(self, user: User) -> str:
        """The role in words."""
        if user.is_superuser:
            return _("Everything")
        found = role_of(user)
        return str(TITLES[found]) if found else "–"

    @admin.display(description=gettext_lazy("Second step"), boolean=True)
    def second_step(self, user: Any) -> bool:
        """Whether one is set up."""
        return bool(user.has_second_step)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only those who have every right may change somebody who has them all."""
        whole = obj is None or not obj.is_superuser or getattr(request.user, "is_superuser", False)
        return super().has_change_permission(request, obj) and bool(whole)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Nobody is deleted."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the role out for somebody who has every right anyway."""
        shown = super().get_fieldsets(request, obj)
        if not (obj and obj.is_superuser):
            return shown
        return [(title, {"fields": [each for each in group["fields"] if each != "role"]}) for title, group in shown]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save with the role; end the sessions of somebody switched off; write it down."""
        with transaction.atomic():
            before = officers.facts(User.objects.get(pk=obj.pk)) if change else {}
            super().save_model(request, obj, form, change)
            if "role" in form.cleaned_data:
                officers.give(obj, Role(form.cleaned_data["role"]) if form.cleaned_data["role"] else None)
            if not obj.is_active:
                sessions.end_all(obj.pk)
            act = "changed" if change else "created"
            audit.record(request.user.get_username(), act, obj, before=before, after=officers.facts(obj))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write a new password into the trail too: it is saved past save_model, and ends that person's sessions."""
        if any("password" in str(each).casefold() for each in (message if isinstance(message, list) else [message])):
            sessions.end_all(obj.pk)
            audit.record(request.user.get_username(), "set a new password", obj)
        return super().log_change(request, obj, message)


for _model in (User, Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
admin.site.register(User, PersonAdmin)
