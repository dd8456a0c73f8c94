"""What one connection is given of what the district shares: the oracle's answer to every list of the API."""

from dataclasses import dataclass
from typing import Any

from roster import models
from tests.roster.oracle import ACTIVE, CONTACTS, Oracle, Role, Someone, dense, told, yes

Doc = dict[str, Any]
Reference = tuple[str, str]


@dataclass(frozen=True)
class Choices:
    """What an admin chose for a connection; `schools` None means all of them, else their sourcedIds."""

    schools: frozenset[str] | None = None
    guardians: bool = True
    relatives: bool = True
    secondary_email: bool = False
    demographics: bool = True

    def enables(self, schools: set[str]) -> bool:
        return self.schools is None or bool(schools & self.schools)

    def shares(self, role: Role) -> bool:
        """Whether the role is at an enabled school, and is not a contact's that is switched off."""
        on = {"guardian": self.guardians, "relative": self.relatives}.get(role.name, True)
        return on and self.enables({role.school.sourced_id})


class View:
    """`docs` is {kind: {sourcedId: document}}, references among them included; nothing else is visible."""

    def __init__(self, oracle: Oracle, choices: Choices) -> None:
        self.oracle, self.choices = oracle, choices
        self.roles: dict[str, list[Role]] = {}
        self.read_roles()
        self.docs: dict[str, dict[str, Doc]] = {
            "org": self._orgs(), "academicSession": self._sessions(), "course": self._courses(),
            "class": self._classes(), "enrollment": self._enrollments(), "demographics": self._demographics(),
            "user": {name: self._user(name) for name in self.roles},
        }  # fmt: skip
        named = {
            name for kind in ("user", "course", "class") for doc in self.docs[kind].values()
            for _, name in doc.get("resources", ())
        }  # fmt: skip
        self.docs["resource"] = {
            row.sourced_id: dense(title=row.title, vendorResourceId=row.vendor_resource_id)
            for row in models.Resource.objects.filter(ended_at=None, sourced_id__in=named)
        }
        for docs in self.docs.values():
            for name in docs:
                docs[name] = self._trimmed(docs[name])
        for name, doc in self.docs["user"].items():
            doc["status"] = self.someone(name).status

    def read_roles(self) -> None:
        """Find out who is a user and in which roles."""
        for name, someone in self.oracle.people.items():
            if own := [role for role in someone.roles if self.choices.shares(role)]:
                self.roles[name] = own

    def someone(self, user: str) -> Someone:
        """Return the person behind a user."""
        return self.oracle.people[user]

    def _trimmed(self, doc: Doc) -> Doc:
        """Return the document without references to what is not visible, lists of references in alphabetical order."""
        shown = {}
        for name, value in doc.items():
            if isinstance(value, set):
                shown[name] = sorted(each for each in value if each[1] in self.docs[each[0]])
            elif not isinstance(value, tuple) or value[1] in self.docs[value[0]]:
                shown[name] = value
        return {"status": ACTIVE, **{name: value for name, value in shown.items() if value != []}}

    def _orgs(self) -> dict[str, Doc]:
        shared = {
            name: dense(name=row.name, type="school", identifier=name, parent=("org", "district"))
            for name, row in self.oracle.schools.items() if self.choices.enables({name})
        }  # fmt: skip
        children = {("org", name) for name in shared}
        district = dense(name="Test District", type="district", identifier="district", children=children)
        return {"district": district, **shared}

    def _sessions(self) -> dict[str, Doc]:
        year, used = self.oracle.year, self.oracle.terms()
        label = str(year.end_year)
        answer = {}
        for term, schools in used.items():
            if self.choices.enables(schools):
                above = {each.pk: each.sourced_id for each in used}.get(term.parent_id, year.sourced_id)
                answer[term.sourced_id] = dense(
                    title=term.title, type=term.kind, startDate=told(term.start_date), endDate=told(term.end_date),
                    parent=("academicSession", above), schoolYear=label,
                    children={("academicSession", each.sourced_id) for each in used if each.parent_id == term.pk},
                )  # fmt: skip
        tops = [each for each in used if each.parent_id not in {other.pk for other in used}]
        answer[year.sourced_id] = dense(
            title=year.title, type="schoolYear", startDate=told(self.oracle.begin), endDate=told(self.oracle.end),
            children={("academicSession", each.sourced_id) for each in tops}, schoolYear=label,
        )  # fmt: skip
        return answer

    def _courses(self) -> dict[str, Doc]:
        oracle = self.oracle
        return {
            course.sourced_id: dense(
                title=course.title, courseCode=course.number, resources=resources_of(course),
                org=("org", course.school.sourced_id if course.school else "district")
                if course.school is None or course.school.sourced_id in schools else None,
                schoolYear=("academicSession", oracle.year.sourced_id)
                if course.school_year_id == oracle.year.pk else None,
            )
            for course, schools in oracle.courses().items() if self.choices.enables(schools)
        }  # fmt: skip

    def _classes(self) -> dict[str, Doc]:
        year, known = self.oracle.year, {term.pk for term in self.oracle.terms()}
        answer = {}
        for row in self.oracle.sections:
            school = row.calendar.school.sourced_id
            if self.choices.enables({school}):
                terms = {("academicSession", term.sourced_id) for term in row.terms.all() if term.pk in known}
                answer[row.sourced_id] = dense(
                    title=row.title, classCode=row.number, classType="homeroom" if row.homeroom else "scheduled",
                    location=row.room, periods=row.periods, course=("course", row.course.sourced_id),
                    school=("org", school), terms=terms or {("academicSession", year.sourced_id)},
                    resources=resources_of(row),
                )  # fmt: skip
        return answer

    def _enrollments(self) -> dict[str, Doc]:
        return {
            row.sourced_id: dense(
                user=("user", row.person.sourced_id), class_=("class", section.sourced_id), role=name, primary=primary,
                school=("org", section.calendar.school.sourced_id),
                beginDate=told(row.start_date), endDate=told(row.end_date),
            )
            for row, section, name, primary in self.oracle.enrollments()
            if self.choices.enables({section.calendar.school.sourced_id})
        }  # fmt: skip

    def _demographics(self) -> dict[str, Doc]:
        answer = {}
        for row in models.Demographics.objects.filter(ended_at=None).select_related("person"):
            name = row.person.sourced_id
            own = [role for role in self.roles.get(name, ()) if role.name not in CONTACTS]
            if own and self.oracle.people[name].status == ACTIVE:
                answer[name] = dense(sex=row.sex, asian=yes(row.asian))
        return answer

    def _user(self, user: str) -> Doc:
        someone, roles, choices = self.oracle.people[user], self.roles[user], self.choices
        person = someone.person
        account = getattr(person, "account", None)
        on = {name for name, chosen in (("guardian", choices.guardians), ("relative", choices.relatives)) if chosen}
        report = self.oracle.settings.report_disabled_accounts
        return dense(
            username=account and account.username,
            enabledUser=yes(not (report and account and not account.enabled)),
            givenName=person.given_name, familyName=person.family_name,
            preferredFirstName=person.preferred_given_name, identifier=person.local_id,
            userIds=[{"type": "stateID", "identifier": person.state_id}] if person.state_id else None,
            email=person.secondary_email if choices.secondary_email else person.email,
            phone=person.other_phone, sms=person.cell_phone,
            roles=[
                dense(roleType=role.type, role=role.name, org=("org", role.school.sourced_id),
                      beginDate=told(role.begin), endDate=told(role.end))
                for role in roles
            ],
            primaryOrg=("org", home_of(someone)), resources=resources_of(person),
            grades=list(dict.fromkeys(role.grade for role in someone.roles if role.grade)),
            agents={("user", name) for name, kind in someone.agents if kind in on},
        )  # fmt: skip

    def lists(self) -> dict[str, dict[str, Doc]]:
        """Return {path: documents by sourcedId} of every list that can be asked for."""
        docs, users, enrolled = self.docs, self.docs["user"], self.docs["enrollment"].values()
        answer = {
            "/orgs": docs["org"], "/schools": only(docs["org"], type="school"), "/courses": docs["course"],
            "/academicSessions": docs["academicSession"], "/terms": only(docs["academicSession"], type="term"),
            "/gradingPeriods": only(docs["academicSession"], type="gradingPeriod"), "/classes": docs["class"],
            "/users": users, "/students": self._holders("student"), "/teachers": self._holders("teacher"),
            "/enrollments": docs["enrollment"], "/resources": docs["resource"],
        }  # fmt: skip
        for name in answer["/schools"]:
            at, here = f"/schools/{name}", only(docs["class"], school=("org", name))
            met = {each for doc in here.values() for each in doc["terms"]}
            used = {doc["course"] for doc in here.values()}
            answer |= {
                f"{at}/classes": here, f"{at}/enrollments": only(docs["enrollment"], school=("org", name)),
                f"{at}/students": self._holders("student", name), f"{at}/teachers": self._holders("teacher", name),
                f"{at}/terms": {key: doc for key, doc in answer["/terms"].items() if ("academicSession", key) in met},
                f"{at}/courses": {
                    key: doc for key, doc in docs["course"].items()
                    if ("course", key) in used or doc.get("org") == ("org", name)
                },
            }  # fmt: skip
        for name, doc in docs["class"].items():
            own = only(docs["enrollment"], class_=("class", name))
            inside = f"/schools/{doc['school'][1]}/classes/{name}"
            answer[f"{inside}/enrollments"] = own
            answer[f"/classes/{name}/resources"] = pick(docs["resource"], doc.get("resources", ()))
            for role in ("student", "teacher"):
                people = pick(users, (each["user"] for each in own.values() if each["role"] == role))
                answer[f"/classes/{name}/{role}s"] = answer[f"{inside}/{role}s"] = people
        for name, doc in docs["course"].items():
            answer[f"/courses/{name}/classes"] = only(docs["class"], course=("course", name))
            answer[f"/courses/{name}/resources"] = pick(docs["resource"], doc.get("resources", ()))
        for path, role in (("/users", None), ("/students", "student"), ("/teachers", "teacher")):
            for name in answer[path]:
                mine = [each for each in enrolled if each["user"] == ("user", name) and role in (None, each["role"])]
                answer[f"{path}/{name}/classes"] = pick(docs["class"], (each["class"] for each in mine))
        for name, doc in users.items():
            answer[f"/users/{name}/resources"] = pick(docs["resource"], doc.get("resources", ()))
        for name in answer["/terms"]:
            here = ("academicSession", name)
            answer[f"/terms/{name}/classes"] = {key: doc for key, doc in docs["class"].items() if here in doc["terms"]}
            answer[f"/terms/{name}/gradingPeriods"] = only(answer["/gradingPeriods"], parent=here)
        return answer | ({"/demographics": docs["demographics"]} if self.choices.demographics else {})

    def _holders(self, name: str, school: str = "") -> dict[str, Doc]:
        return {
            key: self.docs["user"][key] for key, roles in self.roles.items()
            if any(role.name == name and school in ("", role.school.sourced_id) for role in roles)
        }  # fmt: skip


def only(docs: dict[str, Doc], **facts: Any) -> dict[str, Doc]:
    """Return the documents that say these facts."""
    wanted = {name.rstrip("_"): value for name, value in facts.items()}
    return {key: doc for key, doc in docs.items() if all(doc.get(name) == value for name, value in wanted.items())}


def pick(docs: dict[str, Doc], references: Any) -> dict[str, Doc]:
    """Return the documents that are referred to."""
    return {key: docs[key] for _, key in references}


def resources_of(row: Any) -> set[Reference]:
    """Return references to the resources of a person, a course or a section that the SIS still sends."""
    return {("resource", each.sourced_id) for each in row.resources.all() if not each.ended_at}


def home_of(someone: Someone) -> str:
    """Return where a person belongs: a student's first enrollment, else the SIS's choice, else their first role."""
    home, first = someone.person.primary_school, someone.roles[0]
    if first.name != "student" and home in {role.school for role in someone.roles}:
        return str(home.sourced_id)
    return str(first.school.sourced_id)
