"""The wire: what each OneRoster object of the roster looks like, both versions side by side."""

from .academic_session import ACADEMIC_SESSION
from .course import COURSE
from .demographics import DEMOGRAPHICS
from .enrollment import ENROLLMENT
from .org import ORG
from .resource import RESOURCE
from .section import CLASS
from .user import USER

__all__ = ["ACADEMIC_SESSION", "CLASS", "COURSE", "DEMOGRAPHICS", "ENROLLMENT", "ORG", "RESOURCE", "USER"]
