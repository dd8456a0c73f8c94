"""The district's rules once more, in plain Python over plain rows, written from the vendor-facing prerequisites.

It knows nothing of rules, queries or publishing: it reads tables as objects and answers which users, classes and
enrollments a first publication shares on a day, and with which status.
"""

import datetime

from roster import models

ACTIVE, ENDED = "active", "tobedeleted"


class Oracle:
    """Answers for one day."""

    def __init__(self, today: datetime.date) -> None:
        self.today = today
        self.year = models.SchoolYear.objects.get(active=True)
        self.begin = self.year.start_date or datetime.date(self.year.start_year, 1, 1)
        self.end = self.year.end_date or datetime.date(self.year.end_year, 12, 31)
        self.calendars = list(models.Calendar.objects.select_related("school"))

    def open_calendar(self, calendar):
        if calendar.school_year_id != self.year.pk or calendar.external_lms_exclude or calendar.ended_at:
            return False
        return not (calendar.school.external_lms_exclude or calendar.school.ended_at)

    def open_school(self, school):
        return any(calendar.school_id == school.pk and self.open_calendar(calendar) for calendar in self.calendars)

    def touches_year(self, row):
        if row.start_date and row.start_date > self.end:
            return False
        return not (row.end_date and row.end_date < self.begin)

    def over(self, row, calendar=None):
        """Whether the row has ended; ending on the calendar's last day does not count."""
        if row.ended_at:
            return True
        if row.end_date is None or row.end_date >= self.today:
            return False
        return not (calendar and row.end_date == (calendar.end_date or self.end))

    def withheld(self, person):
        return bool(person.external_lms_exclude or person.ended_at)

    def student_at(self, enrollment):
        """None, "active" or "tobedeleted"."""
        boxes = [enrollment]
        if grade := enrollment.grade_level:
            boxes.append(grade)
            if grade.schedule_structure:
                boxes.append(grade.schedule_structure)
        if any(box.external_lms_exclude for box in boxes) or enrollment.no_show or self.withheld(enrollment.person):
            return None
        if not self.open_calendar(enrollment.calendar) or not self.touches_year(enrollment):
            return None
        return ENDED if self.over(enrollment, enrollment.calendar) else ACTIVE

    def staff_roles(self, assignment):
        if assignment.external_lms_exclude or self.withheld(assignment.person) or self.over(assignment):
            return set()
        if not self.open_school(assignment.school) or not self.touches_year(assignment):
            return set()
        roles = {"teacher"} if assignment.teacher else set()
        if assignment.roles:
            roles.add("aide")
        if assignment.administrative_role:
            roles.add(assignment.administrative_role)
        return roles

    def people(self):
        """Return {sourcedId: (status, {(role, school sourcedId)})}."""
        live, gone = {}, {}
        for enrollment in models.Enrollment.objects.all():
            state = self.student_at(enrollment)
            if state:
                place = ("student", enrollment.calendar.school.sourced_id)
                (live if state == ACTIVE else gone).setdefault(enrollment.person.sourced_id, set()).add(place)
        taught = {person: {school for _, school in roles} for person, roles in live.items()}
        for assignment in models.DistrictAssignment.objects.all():
            for role in self.staff_roles(assignment):
                live.setdefault(assignment.person.sourced_id, set()).add((role, assignment.school.sourced_id))
        for relationship in models.Relationship.objects.all():
            begun = relationship.start_date is None or relationship.start_date <= self.today
            running = relationship.end_date is None or relationship.end_date >= self.today
            if relationship.ended_at or not (begun and running and relationship.portal):
                continue
            if self.withheld(relationship.contact):
                continue
            role = "guardian" if relationship.guardian else "relative"
            for school in taught.get(relationship.student.sourced_id, ()):
                live.setdefault(relationship.contact.sourced_id, set()).add((role, school))
        answer = {person: (ENDED, roles) for person, roles in gone.items()}
        answer.update({person: (ACTIVE, roles) for person, roles in live.items()})
        return answer

    def open_section(self, section):
        course = section.course
        if section.ended_at or course.ended_at or not section.active or not course.active:
            return False
        boxes = [section, course, *filter(None, [course.course_master, course.school])]
        return not any(box.external_lms_exclude for box in boxes) and self.open_calendar(section.calendar)

    def classes(self):
        """Return the sourcedIds of shared sections."""
        return {section.sourced_id for section in models.Section.objects.all() if self.open_section(section)}

    def enrollments(self):
        """Return {sourcedId: (user, class, role, primary)}."""
        people, answer = self.people(), {}
        rows = [(row, "student", None) for row in models.RosterEntry.objects.all()]
        rows += [
            (row, "teacher", "true" if row.kind == "primary teacher" else "false")
            for row in models.SectionStaff.objects.all()
            if row.kind != "other"
        ]
        for row, role, primary in rows:
            school = row.section.calendar.school.sourced_id
            status, roles = people.get(row.person.sourced_id, (ENDED, set()))
            if status != ACTIVE or (role, school) not in roles or not self.open_section(row.section):
                continue
            if role == "teacher" and not self.touches_year(row):
                continue
            if not self.over(row, row.section.calendar if role == "student" else None):
                answer[row.sourced_id] = (row.person.sourced_id, row.section.sourced_id, role, primary)
        return answer
