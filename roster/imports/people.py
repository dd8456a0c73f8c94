"""Users, roles, agents and demographics: from staging into the tables."""

from roster.imports.nested import RELATIONSHIPS
from roster.imports.sources import PREFIX
from roster.imports.staging import Staged
from roster.imports.structure import LIVE, Step, kept
from roster.imports.upserts import ENDED, Change, add, date, flag, remove, run, set_columns, text, upsert

# The identifier of the first pair in userIds whose type says it is the state's.
STATE_ID = (
    'coalesce(substring(s."userIds" FROM '
    "'(?i)\\{\\s*(?:state[ _-]?(?:student|staff|unique)?[ _-]?(?:id|identifier|number)|ssid)\\s*:\\s*([^{}]*)\\}'), '')"
)
PERSON = {
    "given_name": "givenName", "family_name": "familyName", "middle_name": "middleName",
    "preferred_given_name": "preferredGivenName", "preferred_middle_name": "preferredMiddleName",
    "preferred_family_name": "preferredFamilyName", "pronouns": "pronouns", "local_id": "identifier",
    "master_identifier": "userMasterIdentifier", "email": "email", "other_phone": "phone", "cell_phone": "sms",
}  # fmt: skip
DEMOGRAPHICS = {
    "american_indian_or_alaska_native": "americanIndianOrAlaskaNative", "asian": "asian",
    "black_or_african_american": "blackOrAfricanAmerican",
    "native_hawaiian_or_other_pacific_islander": "nativeHawaiianOrOtherPacificIslander", "white": "white",
    "two_or_more_races": "demographicRaceTwoOrMoreRaces", "hispanic_or_latino": "hispanicOrLatinoEthnicity",
}  # fmt: skip
PLACES = {
    "sex": "sex", "country_of_birth": "countryOfBirthCode", "state_of_birth": "stateOfBirthAbbreviation",
    "city_of_birth": "cityOfBirth", "public_school_residence_status": "publicSchoolResidenceStatus",
}  # fmt: skip


def people_steps(staged: Staged) -> list[Step]:
    """Return the steps that upsert people, accounts, demographics, enrollments, assignments and relationships."""
    return [
        ("people", lambda: _people(staged)),
        ("accounts", lambda: _accounts(staged)),
        ("demographics", _demographics),
        ("student enrollments", lambda: _enrollments(staged)),
        ("district assignments", lambda: _assignments(staged)),
        ("relationships", lambda: _relationships(staged)),
    ]


def _people(staged: Staged) -> Change:
    unsaid = {column for column, name in PERSON.items() if not staged.carries("users", name)}
    if not staged.carries("users", "primaryOrgSourcedId"):
        unsaid.add("primary_school_id")
    own = {"secondary_email": "secondaryEmail", "external_lms_exclude": "externalLmsExclude"}
    state_id = text(PREFIX + "stateId") if staged.has("users", "stateId") else STATE_ID
    if not staged.has("users", "stateId") and not _any_state_id():
        unsaid.add("state_id")
    return upsert(
        "roster_person",
        {
            "sourced_id": text("sourcedId"),
            **{column: text(name) for column, name in PERSON.items()},
            "state_id": state_id,
            "secondary_email": text(PREFIX + "secondaryEmail"),
            "external_lms_exclude": flag(PREFIX + "externalLmsExclude"),
            "primary_school_id": "o.id",
        },
        f'stage_users s LEFT JOIN roster_school o ON o.sourced_id = s."primaryOrgSourcedId" WHERE {LIVE}',
        kept=frozenset(unsaid) | kept(staged, "users", **own),
        ended=ENDED,
    )


def _any_state_id() -> bool:
    """Say whether any person's userIds hold a state id; a file without one leaves those kept here alone."""
    return bool(run(f"SELECT 1 FROM stage_users s WHERE {STATE_ID} <> '' LIMIT 1"))


def _accounts(staged: Staged) -> Change:
    """Take the feed's usernames; one made here stays, with its state, for as long as the feed has none."""
    stays = f"a.made_here AND {text('username')} = ''"
    change = upsert(
        "roster_account",
        {
            "person_id": "p.id",
            "username": f"CASE WHEN {stays} THEN a.username ELSE {text('username')} END",
            "enabled": f"CASE WHEN {stays} THEN a.enabled ELSE {flag('enabledUser')} END",
            "made_here": f"coalesce({stays}, false)",
        },
        'stage_users s JOIN roster_person p ON p.sourced_id = s."sourcedId" '
        f"LEFT JOIN roster_account a ON a.person_id = p.id WHERE {LIVE} AND {flag(PREFIX + 'account', 'true')}",
        key="person_id",
    )
    gone = 0
    if staged.has("users", "account"):
        gone = remove(
            "roster_account",
            "p.id = t.person_id "
            f'AND s."sourcedId" = p.sourced_id AND s."{PREFIX}account" = \'false\' AND NOT t.made_here AND {LIVE}',
            using="roster_person p, stage_users s",
        )
    return change[0], change[1] + gone


def _demographics() -> Change:
    return upsert(
        "roster_demographics",
        {
            "person_id": "p.id",
            "birth_date": date("birthDate"),
            **{column: flag(name, "NULL") for column, name in DEMOGRAPHICS.items()},
            **{column: text(name) for column, name in PLACES.items()},
        },
        f'stage_demographics s JOIN roster_person p ON p.sourced_id = s."sourcedId" WHERE {LIVE}',
        key="person_id",
        ended=ENDED,
    )


def _role_columns(staged: Staged) -> tuple[dict[str, str], frozenset[str]]:
    columns = {
        "sourced_id": text("sourcedId"),
        "person_id": "p.id",
        "start_date": date("beginDate"),
        "end_date": date("endDate"),
        "external_lms_exclude": flag(PREFIX + "externalLmsExclude"),
    }
    return columns, kept(staged, "roles", external_lms_exclude="externalLmsExclude")


def _enrollments(staged: Staged) -> Change:
    columns, new_only = _role_columns(staged)
    calendar = (
        f'coalesce((SELECT c.id FROM roster_calendar c WHERE c.sourced_id = s."{PREFIX}calendarSourcedId"), '
        "(SELECT c.id FROM roster_calendar c JOIN roster_schoolyear y ON y.id = c.school_year_id "
        "WHERE c.school_id = o.id ORDER BY y.active DESC, y.end_year DESC LIMIT 1))"
    )
    grade = (
        f'coalesce((SELECT g.id FROM roster_gradelevel g WHERE g.sourced_id = s."{PREFIX}gradeLevelSourcedId"), '
        + (
            "NULL)"
            if staged.has("roles", "gradeLevelSourcedId")
            else f'(SELECT g.id FROM roster_gradelevel g JOIN stage_users u ON u."sourcedId" = s."userSourcedId" '
            f"WHERE g.calendar_id = {calendar} AND split_part(u.grades, ',', 1) IN (g.nces_grade, g.local_grade) "
            "AND u.grades <> '' ORDER BY g.sourced_id LIMIT 1))"
        )
    )
    return upsert(
        "roster_enrollment",
        {
            **columns,
            "calendar_id": calendar,
            "grade_level_id": grade,
            "service_type": f'coalesce(nullif(s."{PREFIX}serviceType", \'\'), s."roleType")',
            "no_show": flag(PREFIX + "noShow"),
        },
        'stage_roles s JOIN roster_person p ON p.sourced_id = s."userSourcedId" '
        f"JOIN roster_school o ON o.sourced_id = s.\"orgSourcedId\" WHERE s.role = 'student' AND {LIVE}",
        kept=new_only | kept(staged, "roles", no_show="noShow"),
        ended=ENDED,
    )


def _assignments(staged: Staged) -> Change:
    columns, new_only = _role_columns(staged)
    own_roles = f"string_to_array(nullif(s.\"{PREFIX}assignmentRoles\", ''), ',')"
    derived = "(CASE s.role WHEN 'teacher' THEN '{}' WHEN 'counselor' THEN '{counselor}' ELSE '{program}' END)"
    administrative = (
        "CASE WHEN s.role IN ('districtAdministrator', 'siteAdministrator', 'principal') THEN s.role ELSE '' END"
    )
    return upsert(
        "roster_districtassignment",
        {
            **columns,
            "school_id": "o.id",
            "teacher": flag(PREFIX + "teacher", "s.role = 'teacher'"),
            "roles": (f"coalesce({own_roles}, '{{}}')" if staged.has("roles", "assignmentRoles") else derived)
            + "::varchar[]",
            "administrative_role": text(PREFIX + "administrativeRole")
            if staged.has("roles", "administrativeRole")
            else administrative,
        },
        'stage_roles s JOIN roster_person p ON p.sourced_id = s."userSourcedId" '
        'JOIN roster_school o ON o.sourced_id = s."orgSourcedId" '
        f"WHERE s.role NOT IN ('student', 'guardian', 'parent', 'relative') AND {LIVE}",
        kept=new_only,
        ended=ENDED,
    )


PAIRS = f"""(
  SELECT DISTINCT CASE WHEN child THEN own ELSE other END AS student, CASE WHEN child THEN other ELSE own END AS contact
  FROM (SELECT s."sourcedId" AS own, agent AS other,
      EXISTS (SELECT 1 FROM stage_roles r WHERE r."userSourcedId" = s."sourcedId" AND r.role = 'student') OR EXISTS (
        SELECT 1 FROM roster_enrollment e JOIN roster_person p ON p.id = e.person_id
        WHERE p.sourced_id = s."sourcedId") AS child
    FROM stage_users s CROSS JOIN LATERAL unnest(string_to_array(s."agentSourcedIds", ',')) AS agent
    WHERE s."agentSourcedIds" <> '' AND {LIVE}) a) s"""


def _relationships(staged: Staged) -> Change:
    if staged.has("users", "relationships"):
        return _own_relationships()
    people = "JOIN roster_person a ON a.sourced_id = s.student JOIN roster_person b ON b.sourced_id = s.contact"
    guardian = "NOT EXISTS (SELECT 1 FROM stage_roles r WHERE r.\"userSourcedId\" = s.contact AND r.role = 'relative')"
    set_columns(
        "roster_relationship",
        {"ended_at": "NULL::timestamptz"},
        "t.student_id = a.id AND t.contact_id = b.id AND t.ended_at IS NOT NULL",
        beside=f"{PAIRS} {people}",
    )
    new = add(
        "roster_relationship",
        "INSERT INTO roster_relationship (sourced_id, student_id, contact_id, relationship_type, guardian, portal) "
        f"SELECT md5(s.student || ' ' || s.contact), a.id, b.id, '', {guardian}, true FROM {PAIRS} {people} "
        "ON CONFLICT DO NOTHING",
    )
    return new, 0


def _own_relationships() -> Change:
    people = (
        "JOIN roster_person a ON a.sourced_id = s.\"sourcedId\" JOIN roster_person b ON b.sourced_id = x->>'contact'"
    )
    set_columns(  # a relationship derived earlier takes the identifier the feed gives it now
        "roster_relationship",
        {"sourced_id": "x->>'sourcedId'"},
        f"{LIVE} AND t.student_id = a.id AND t.contact_id = b.id AND t.sourced_id <> x->>'sourcedId' "
        "AND NOT EXISTS (SELECT 1 FROM roster_relationship other WHERE other.sourced_id = x->>'sourcedId')",
        beside=f"{RELATIONSHIPS} {people}",
    )
    return upsert(
        "roster_relationship",
        {
            "sourced_id": "x->>'sourcedId'",
            "student_id": "a.id",
            "contact_id": "b.id",
            "relationship_type": "coalesce(x->>'type', '')",
            "guardian": "coalesce(nullif(x->>'guardian', '')::boolean, false)",
            "portal": "coalesce(nullif(x->>'portal', '')::boolean, false)",
            "start_date": "nullif(x->>'startDate', '')::date",
            "end_date": "nullif(x->>'endDate', '')::date",
        },
        f"{RELATIONSHIPS} {people} WHERE {LIVE}",
        ended="nullif(x->>'endedAt', '')::timestamptz",
    )
