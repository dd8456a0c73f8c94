"""The names LTI gives to claims, scopes, roles, messages and documents (LTI 1.3, Deep Linking, AGS and NRPS 2.0)."""

from enum import Enum

VERSION = "1.3.0"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
CONTENT = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
FAMILY = "interop"

RESOURCE_LAUNCH = "LtiResourceLinkRequest"
CONTENT_REQUEST = "LtiDeepLinkingRequest"
CONTENT_ANSWER = "LtiDeepLinkingResponse"
REVIEW_REQUEST = "LtiSubmissionReviewRequest"
MESSAGES = (RESOURCE_LAUNCH, CONTENT_REQUEST, REVIEW_REQUEST)
RESOURCE_LINK = "ltiResourceLink"
"""The one kind of content a tool may give back: a link that is opened by a launch."""
COURSE_SECTION = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM = f"{_AGS}lineitem"
LINE_ITEM_READ = f"{_AGS}lineitem.readonly"
RESULT_READ = f"{_AGS}result.readonly"
SCORE = f"{_AGS}score"
MEMBERS_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
GRADE_SCOPES = (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE)
SCOPES = (*GRADE_SCOPES, MEMBERS_READ)

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"


class Role(Enum):
    """As what somebody opens a tool: their role in the section, and what they are in the district."""

    LEARNER = ("Learner", "Student")
    INSTRUCTOR = ("Instructor", "Faculty")
    MENTOR = ("Mentor", "Guardian")
    ADMINISTRATOR = ("Administrator", "Administrator")

    @property
    def uris(self) -> list[str]:
        """Return the roles as they are told."""
        membership, institution = self.value
        return [_MEMBERSHIP + membership, _INSTITUTION + institution]

    def is_called(self, name: str) -> bool:
        """Return whether a filter means this role: by its address or by its short name."""
        return name in {*self.uris, self.value[0]}
