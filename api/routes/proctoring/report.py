"""A session's report: on the screen, as JSON and as PDF. Every look is written into the audit log."""

from contextlib import contextmanager
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import RuntimeDep, Writing, signed_in, visitor_writing
from api.errors import errors
from api.routes.proctoring.counting import CountedRoute
from proctoring.review import service as review
from proctoring.review.schemas import OwnReport, ReportView
from proctoring.sessions.errors import SessionNotFound

router = APIRouter(tags=["proctoring review"], route_class=CountedRoute)

_in_transaction = contextmanager(visitor_writing)
Language = Annotated[Literal["en", "sw"] | None, Query(description="The reader's own language when left out")]
PDF = {200: {"content": {"application/pdf": {}}, "description": "The report with its pictures"}}


@router.get(
    "/proctor-session/{session_id}/report",
    response_model=ReportView | OwnReport,
    responses=errors(SessionNotFound),
)
def report(session_id: UUID, ctx: Writing) -> ReportView | OwnReport:
    """Everything about a session, for a reviewer; for its taker the outcome, the message and their own flags."""
    return review.any_report(ctx, session_id)


@router.get("/proctor-session/{session_id}/export.json", response_model=ReportView, responses=errors(SessionNotFound))
def export_json(session_id: UUID, ctx: Writing, response: Response) -> ReportView:
    """The report as a file; pictures are named by id and stay on the server."""
    response.headers["Content-Disposition"] = f'attachment; filename="proctoring-{session_id}.json"'
    return review.report(ctx, session_id, action="proctoring.report_exported")


@router.get("/proctor-session/{session_id}/export.pdf", responses={**errors(SessionNotFound), **PDF})
def export_pdf(request: Request, session_id: UUID, runtime: RuntimeDep, language: Language = None) -> Response:
    """The report as a PDF, with the flags' pictures."""
    with _in_transaction(request, runtime) as visitor:
        paper = review.report_with_pictures(signed_in(visitor), session_id, language=language)
    content = review.render_pdf(paper)  # a second of drawing, and no transaction held
    name = f"proctoring-{session_id}.pdf"
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
