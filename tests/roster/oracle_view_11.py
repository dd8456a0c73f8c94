"""What a connection of OneRoster 1.1 is given: the oracle's answer where people are one user for each role."""

from typing import Any

from roster import models
from tests.roster.oracle import ACTIVE, CONTACTS, Oracle, Someone, dense, told, yes
from tests.roster.oracle_view import Choices, Doc, View

STAFF = {"aide", "principal", "siteAdministrator", "districtAdministrator"}


def older(role: str) -> str:
    return "administrator" if role in STAFF else role


class Names:
    """The 1.1 ids of people's roles, remembered from the first publication that needed them."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, str]] = {}

    def learn(self, oracle: Oracle) -> "Names":
        for name, someone in sorted(oracle.people.items()):
            account = getattr(someone.person, "account", None)
            if account and account.username:
                own = self.known.setdefault(name, {})
                for role in someone.roles:
                    own.setdefault(older(role.name), f"{name}-{older(role.name)}" if own else name)
        return self

    def of(self, person: str, role: str) -> str | None:
        return self.known.get(person, {}).get(role)


class View11(View):
    """As View, with users by their 1.1 ids."""

    def __init__(self, oracle: Oracle, choices: Choices, names: Names) -> None:
        self.names = names
        self.persons: dict[str, str] = {}
        super().__init__(oracle, choices)

    def read_roles(self) -> None:
        self.roles = {}
        for person, someone in self.oracle.people.items():
            account = getattr(someone.person, "account", None)
            for role in someone.roles:
                if account and account.username and self.choices.shares(role):
                    name = str(self.names.of(person, older(role.name)))
                    self.roles.setdefault(name, []).append(role)
                    self.persons[name] = person

    def someone(self, user: str) -> Someone:
        return self.oracle.people[self.persons[user]]

    def _user(self, user: str) -> Doc:
        someone, roles = self.someone(user), self.roles[user]
        person, role = someone.person, older(roles[0].name)
        report = self.oracle.settings.report_disabled_accounts
        everywhere = [each for each in someone.roles if older(each.name) == role]
        return dense(
            username=person.account.username, enabledUser=yes(not (report and not person.account.enabled)),
            givenName=person.given_name, familyName=person.family_name, identifier=person.local_id,
            userIds=[{"type": "stateID", "identifier": person.state_id}] if person.state_id else None,
            email=person.email, phone=person.other_phone, role=role,
            orgs={("org", each.school.sourced_id) for each in roles},
            grades=list(dict.fromkeys(each.nces for each in everywhere if each.nces)),
            agents={("user", name) for name in self._agents(someone, role) if name},
        )  # fmt: skip

    def _agents(self, someone: Someone, role: str) -> set[str | None]:
        if role in CONTACTS:
            return {self.names.of(name, "student") for name, kind in someone.charges if kind == role}
        if role != "student":
            return set()
        contacts = someone.agents if someone.status == ACTIVE else set()
        me = someone.person.sourced_id
        return {self.names.of(name, kind) for name, kind in contacts if (me, kind) in self.oracle.people[name].charges}

    def _demographics(self) -> dict[str, Doc]:
        answer = {}
        for row in models.Demographics.objects.filter(ended_at=None).select_related("person"):
            for user, person in self.persons.items():
                mine = person == row.person.sourced_id and self.roles[user][0].name not in CONTACTS
                if mine and self.oracle.people[person].status == ACTIVE:
                    answer[user] = dense(sex=row.sex if row.sex in ("male", "female") else "", asian=yes(row.asian))
        return answer

    def _enrollments(self) -> dict[str, Doc]:
        return {
            row.sourced_id: dense(
                user=("user", self.names.of(row.person.sourced_id, name)), class_=("class", section.sourced_id),
                role=name, primary=primary, school=("org", section.calendar.school.sourced_id),
                beginDate=told(row.start_date), endDate=told(row.end_date),
            )
            for row, section, name, primary in self.oracle.enrollments()
            if self.choices.enables({section.calendar.school.sourced_id})
            and self.names.of(row.person.sourced_id, name)
        }  # fmt: skip

    def lists(self) -> dict[str, dict[str, Any]]:
        return {
            path: docs for path, docs in super().lists().items()
            if not (path.startswith("/users/") and path.endswith("/resources"))
        }  # fmt: skip
