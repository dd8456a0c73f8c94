"""Uploaded files on their way in: on disk in the portal's private folder from the first byte, and never too large."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.urls import reverse

from roster.feeding.deliveries import MOST, folder

SMALL = 5 << 20
"""Bytes a file may have that is sent anywhere but to the imports."""
TOO_LARGE = "file_too_large"
"""Set on the request whose file was skipped."""


class Private(FileUploadHandler):
    """Keeps a file in the private folder until the request is over; one that is too large is skipped."""

    def new_file(self, *parts: Any, **named: Any) -> None:
        """Begin a file."""
        super().new_file(*parts, **named)
        self.file = tempfile.NamedTemporaryFile(dir=folder(), suffix=".part")  # noqa: SIM115 - ends with the request
        self.most = MOST if self.request and self.request.path_info == reverse("admin:imports") else SMALL

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of the file."""
        if start + len(raw_data) > self.most:
            setattr(self.request, TOO_LARGE, True)
            self.file.close()
            raise SkipFile
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Hand over the file."""
        self.file.seek(0)
        return UploadedFile(
            self.file, self.file_name or "", self.content_type or "", file_size, self.charset, self.content_type_extra
        )

    def upload_interrupted(self) -> None:
        """Delete what came of a file whose sender went away."""
        if hasattr(self, "file"):
            self.file.close()
