"""`/admin/rosters`: people by CSV: look at every line, then make accounts and enrolments of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.identity.admin import csv_download
from lms_core.content.courses.errors import CourseNotFound
from lms_core.identity.accounts.schemas import Language
from lms_core.kit.errors import Forbidden, Invalid, TooLarge, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from lms_core.learning.rosters import reading
from lms_core.learning.rosters import service as rosters
from lms_core.learning.rosters.errors import RosterNotFound, RosterRefused, RosterStarted
from lms_core.learning.rosters.models import Verdict
from lms_core.learning.rosters.schemas import RosterLineView, RosterOptions, RosterView

router = APIRouter(prefix="/admin/rosters", tags=["admin"])

Upload = Annotated[UploadFile, File(description="A CSV file with a header")]


@router.post(
    "",
    status_code=201,
    response_model=RosterView,
    responses=errors(Unauthenticated, Forbidden, RosterRefused, TooLarge),
)
def upload(ctx: Reading, runtime: RuntimeDep, file: Upload, language: Annotated[Language, Form()] = "en") -> RosterView:
    """Look at a file; nothing else happens until it is started. `language`: of lines that name none."""
    rosters.require_manager(ctx)
    read = reading.read(file.file.read(reading.LARGEST_FILE + 1), language=language)
    return rosters.take_in(
        runtime.database, actor=ctx.actor, name=file.filename or "", read=read, request_id=ctx.request_id
    )


@router.get("", response_model=list[RosterView], responses=errors(Unauthenticated, Forbidden))
def list_rosters(ctx: Reading) -> list[RosterView]:
    """The last lists of people."""
    return rosters.recent(ctx)


@router.get("/{roster_id}", response_model=RosterView, responses=errors(Unauthenticated, Forbidden, RosterNotFound))
def read_roster(ctx: Reading, roster_id: UUID) -> RosterView:
    """A list and how far it is."""
    return rosters.view(ctx, roster_id=roster_id)


@router.get(
    "/{roster_id}/lines",
    response_model=Page[RosterLineView],
    responses=errors(Unauthenticated, Forbidden, RosterNotFound, Invalid),
)
def read_lines(
    ctx: Reading,
    roster_id: UUID,
    verdict: Verdict | None = None,
    cursor: Annotated[str, Query(max_length=600)] = "",
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = DEFAULT_LIMIT,
) -> Page[RosterLineView]:
    """Its lines: what each says, what it is about, and what became of it."""
    return rosters.lines(ctx, roster_id=roster_id, verdict=verdict, cursor=cursor, limit=limit)


@router.post(
    "/{roster_id}/start",
    status_code=202,
    response_model=RosterView,
    responses=errors(Unauthenticated, Forbidden, RosterNotFound, RosterStarted, CourseNotFound),
)
def start(ctx: Writing, roster_id: UUID, options: RosterOptions) -> RosterView:
    """Make accounts and enrolments of its lines, in the background."""
    return rosters.start(ctx, roster_id=roster_id, options=options)


@router.get(
    "/{roster_id}/report.csv",
    response_class=Response,
    responses={**errors(Unauthenticated, Forbidden, RosterNotFound), 200: {"content": {"text/csv": {}}}},
)
def report(ctx: Reading, roster_id: UUID) -> Response:
    """Every line with its verdict and outcome, as CSV."""
    return csv_download(rosters.report(ctx, roster_id=roster_id), f"people-{roster_id}.csv")
