"""A file on its way into a draft: its bytes go to storage while no transaction is open."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from fastapi import Request, UploadFile

from api.deps import signed_in, visitor_reading, visitor_writing
from lms_core.content.files import service as files
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.errors import FileTooLarge
from lms_core.learning.assignments.sheets import AssignmentView
from workers.runtime import Runtime

MEGABYTE = 1024 * 1024

_in_view = contextmanager(visitor_reading)
_in_transaction = contextmanager(visitor_writing)


def receive(request: Request, runtime: Runtime, assignment_id: UUID, file: UploadFile) -> AssignmentView:
    """Check that the file is taken, store its bytes, attach them to the draft; refused at the first that fails."""
    with _in_view(request, runtime) as visitor:
        drawer, most = assignments.check_file(signed_in(visitor), assignment_id)
        tenant_id = visitor.tenant_id
    with tempfile.TemporaryDirectory(prefix="mwalimu-upload-") as folder:
        spooled = Path(folder) / "file"
        with spooled.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        if spooled.stat().st_size > most:
            raise FileTooLarge(most // MEGABYTE)
        stored = files.upload(runtime.resources, tenant_id=tenant_id, owner_id=drawer, source=spooled)
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        assignments.add_file(ctx, assignment_id, name=file.filename or "", stored=stored)
        return assignments.read_assignment(ctx, assignment_id)
