"""Verbs of reviewing: lists, reports, decisions on flags, verdict and appeal."""

from proctoring.review.service.flags import bulk_dismiss, decide
from proctoring.review.service.lists import compare, course_ids, live_rows, queue, stats
from proctoring.review.service.reports import (
    any_report,
    own_report,
    render_pdf,
    report,
    report_with_pictures,
    verdict_of,
)
from proctoring.review.service.verdicts import answer_appeal, appeal, give_verdict

__all__ = [
    "answer_appeal",
    "any_report",
    "appeal",
    "bulk_dismiss",
    "compare",
    "course_ids",
    "decide",
    "give_verdict",
    "live_rows",
    "own_report",
    "queue",
    "render_pdf",
    "report",
    "report_with_pictures",
    "stats",
    "verdict_of",
]
