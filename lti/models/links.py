"""What was put where: links into a tool, the line items a tool owns, and what it said about each student's work."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from gradebook.models import Assignment
from lti.models.tools import URL_LENGTH, Tool
from roster.models import Person, Section


class ResourceLink(models.Model):
    """A place from which a tool is opened: an assignment, or (`assignment` null) the tool's row in Learning Tools.

    `guid` is the resource_link_id: another one wherever the content is copied. `url` blank: the tool's own address.
    """

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="links")
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.CASCADE, related_name="tool_links")
    guid = models.CharField(max_length=64, unique=True, db_collation="C")
    url = models.CharField(max_length=URL_LENGTH, blank=True, default="", db_default="")
    title = models.CharField(max_length=1000, blank=True, default="", db_default="")
    text = models.CharField(max_length=1000, blank=True, default="", db_default="")
    custom = models.JSONField(default=dict)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment"], name="lti_one_link_an_assignment"),
            models.UniqueConstraint(
                fields=["tool", "section"], condition=models.Q(assignment=None), name="lti_one_link_in_learning_tools"
            ),
        ]

    def __str__(self) -> str:
        return self.guid


class LineItem(models.Model):
    """An assignment as one tool sees it: nobody else's tool does. `made_by_tool`: the tool made the assignment.

    `maximum` is the tool's scale; scores are told on the scale of the assignment's points, where it has some.
    `review` tells how a teacher sees a student's work again in the tool (its `submissionReview`), if at all.
    """

    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="line_items")
    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="tool_line_item")
    link = models.ForeignKey(ResourceLink, null=True, on_delete=models.SET_NULL, related_name="line_items")
    maximum = models.DecimalField(max_digits=14, decimal_places=6)
    resource_id = models.CharField(max_length=1000, blank=True, default="", db_default="")
    tag = models.CharField(max_length=1000, blank=True, default="", db_default="")
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    released = models.BooleanField(null=True)
    made_by_tool = models.BooleanField(default=False)
    review = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"line item {self.pk}"


class ToolScore(models.Model):
    """What a tool said last about one student's work, and what of it came into the grade book.

    `told_at` is the tool's own timestamp. `given` is its score on the scale of `maximum`, final or not.
    `entered_at` is the date of the grade book's score when this tool wrote it last: another date there means that a
    teacher has changed it since. `overridden`: the grade book keeps what a teacher entered later.
    """

    line_item = models.ForeignKey(LineItem, on_delete=models.CASCADE, related_name="scores")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    told_at = models.DateTimeField()
    activity = models.CharField(max_length=20)
    grading = models.CharField(max_length=20)
    given = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    maximum = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    comment = models.TextField(blank=True, default="", db_default="")
    submitted_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    overridden = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["line_item", "person"], name="lti_one_score")]

    def __str__(self) -> str:
        return f"score {self.pk}"
