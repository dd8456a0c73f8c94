"""Which account of the roster opens the portal, and which user of the portal its person is.

The roster has the last word: an account that is disabled, or whose person has ended or is excluded, opens nothing from
the next request on. A user is made when somebody comes in for the first time, and is named after the person's row:
usernames of the roster change, are given to others, and are sometimes two people's.

The roster has no say about members of the data office: its feed neither shuts them out nor lets anybody in as them.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from interop import audit
from roster.models import Account, Person, SignIn

BY_HAND = "portal"
NAME = "person-{}"


def open_accounts() -> QuerySet[Account]:
    """Return the accounts that open the portal."""
    return Account.objects.filter(
        enabled=True, person__ended_at=None, person__external_lms_exclude=False
    ).exclude(username="")  # fmt: skip


def named(username: str) -> Account | None:
    """Return the one open account of this name, however it is written; None when several people have it."""
    found = open_accounts().filter(username__iexact=username).select_related("person__sign_in__user")
    return _only(found)


def user_name(typed: str) -> str:
    """Return the username of the portal's user that somebody means by what they typed at the door."""
    if is_of_the_office(typed):
        return typed
    in_office = SignIn.objects.filter(user__is_staff=True, person__account__username__iexact=typed)
    if theirs := in_office.select_related("user").first():
        return theirs.user.get_username()
    account = named(typed)
    tie = _tie(account.person) if account else None
    return tie.user.get_username() if tie else typed


def typed_name(user: User) -> str:
    """Return what this user types at the door: the roster's username when the roster made them, else their own."""
    account = Account.objects.filter(person__sign_in__user=user).first()
    made_here = account and user.get_username() == NAME.format(account.person_id)
    return account.username if account and made_here else user.get_username()


def is_of_the_office(username: str) -> bool:
    """Return whether a member of the data office has this name."""
    return User.objects.filter(username__iexact=username, is_staff=True).exists()


def stays_open(user: User) -> bool:
    """Return whether the roster lets this user in; it has no say about the data office and those it does not know."""
    if user.is_staff:
        return True
    theirs = open_accounts().filter(person=OuterRef("person"))
    return SignIn.objects.filter(user=user).values_list(Exists(theirs), flat=True).first() is not False


def known_elsewhere(*, username: str = "", email: str = "") -> User | None:
    """Return the user of whom the identity provider vouches under this name or address; made at their first sign-on."""
    if email:
        addressed = open_accounts().filter(person__email__iexact=email).select_related("person__sign_in__user")
        account = _only(addressed)
    else:
        account = named(username) if username else None
    return user_of(account.person) if account else None


def user_of(person: Person) -> User:
    """Return the user this person is, made now when there is none: without password and without role."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).select_related("sign_in__user").get(pk=person.pk)
        if tie := _tie(person):
            return tie.user
        user = User(
            username=NAME.format(person.pk),
            first_name=(person.preferred_given_name or person.given_name)[:150],
            last_name=(person.preferred_family_name or person.family_name)[:150],
        )
        user.set_unusable_password()
        user.save()
        SignIn.objects.create(person=person, user=user)
        audit.record(BY_HAND, "made a user of the portal", person, after={"user": user.username})
    return user


def tie_of_the_office(user: User) -> None:
    """Note which person of the roster a member of the data office is: the one of the same name, if it is only one.

    So somebody who is both keeps one user. It changes nothing about what they may do in the office.
    """
    if not user.is_staff or SignIn.objects.filter(user=user).exists():
        return
    account = named(user.get_username())
    if account and not _tie(account.person):
        SignIn.objects.create(person=account.person, user=user)
        audit.record(user.get_username(), "recognised in the roster", account.person, after={"user": user.username})


def person_of(user: int | None) -> Person | None:
    """Return the person of the roster this user is."""
    return Person.objects.filter(sign_in__user=user).first() if user else None


def _only(found: QuerySet[Account]) -> Account | None:
    matches = list(found[:2])
    return matches[0] if len(matches) == 1 else None


def _tie(person: Person) -> SignIn | None:
    return getattr(person, "sign_in", None)
