"""Papers: the questions of one revision as attempts get them, rendered, and put in an attempt's own order.

What is shown of them to whom is in `showing`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from pydantic import Field

from lms_core.content import text
from lms_core.learning.assessments.models import Paper, QuestionType
from lms_core.learning.assessments.schemas import QuestionDetail, View
from lms_core.learning.assessments.types import HANDLING, WITH_GAPS, Key, formula, gaps, hotspot
from lms_core.learning.assessments.types.shapes import shuffled

NO_COURSE = "~course~"  # in the place of a course's slug, which never has such a character
BASE_HEADING = 4  # a question's number is a heading of level three
LONE_PARAGRAPH = re.compile(r"\s*<p(?: [^>]*)?>((?:(?!</?p[ >]).)*)</p>\s*", re.DOTALL)


class PaperChoice(View):
    """A choice on a paper, key included."""

    id: UUID
    html: str
    correct: bool
    weight: float | None = None
    feedback_html: str = ""


class PaperHint(View):
    """A hint after a wrong try."""

    html: str
    clear_wrong: bool = False
    show_number_right: bool = False


class PaperQuestion(View):
    """A question on a paper, key included. `sides`: the HTML of what its key shows, by id. `version` of a bank's.

    In `html` the values of a formula's variables are private characters still, since they differ between attempts.
    """

    id: UUID
    type: QuestionType
    html: str
    points: float
    partial_credit: bool = True
    feedback_html: str = ""
    choices: tuple[PaperChoice, ...] = ()
    value: float | None = None
    tolerance: float = 0.0
    accepted: tuple[str, ...] = ()
    match_case: bool = False
    key: Key | None = None
    sides: Mapping[str, str] = Field(default_factory=dict)
    picture_url: str = ""
    version: int | None = None
    hints: tuple[PaperHint, ...] = ()
    penalty_percent: float | None = None


def printed(question: QuestionDetail, *, course_slug: str) -> PaperQuestion:
    """A question as its author wrote it, rendered; its pictures are files of the course."""
    return PaperQuestion(
        id=question.id,
        type=question.type,
        html=_text_of(question, course_slug=course_slug),
        points=question.points,
        partial_credit=question.partial_credit,
        feedback_html=html_of(question.feedback, course_slug=course_slug),
        choices=tuple(
            PaperChoice(
                id=choice.id,
                html=inline_html_of(choice.text, course_slug=course_slug),
                correct=choice.correct,
                weight=choice.weight,
                feedback_html=html_of(choice.feedback, course_slug=course_slug),
            )
            for choice in question.choices
        ),
        value=question.value,
        tolerance=question.tolerance,
        accepted=question.accepted,
        match_case=question.match_case,
        key=question.key,
        sides=_sides(question, course_slug=course_slug),
        picture_url=_asset(course_slug, question.key.picture) if isinstance(question.key, hotspot.HotspotKey) else "",
        hints=tuple(
            PaperHint(
                html=html_of(hint.text, course_slug=course_slug),
                clear_wrong=hint.clear_wrong,
                show_number_right=hint.show_number_right,
            )
            for hint in question.hints
        ),
        penalty_percent=question.penalty_percent,
    )


def printed_for(course_slug: str, stored: dict[str, Any]) -> dict[str, Any]:
    """What was printed for `NO_COURSE`, for a paper of this course: its pictures are the course's."""
    text = json.dumps(stored)
    if NO_COURSE not in text:
        return stored
    found: dict[str, Any] = json.loads(text.replace(f"/courses/{NO_COURSE}/", f"/courses/{course_slug}/"))
    return found


def _text_of(question: QuestionDetail, *, course_slug: str) -> str:
    """The question's HTML, with elements for its gaps and private characters for the values of variables."""
    if isinstance(question.key, formula.FormulaKey):
        return html_of(formula.marked(question.text, question.key), course_slug=course_slug)
    if isinstance(question.key, WITH_GAPS):
        html = html_of(gaps.marked(question.text), course_slug=course_slug)
        return gaps.placed(html, [str(gap.id) for gap in question.key.gaps])
    return html_of(question.text, course_slug=course_slug)


def _sides(question: QuestionDetail, *, course_slug: str) -> dict[str, str]:
    texts = HANDLING[question.type].texts(question.key) if question.type in HANDLING else {}
    return {each: inline_html_of(markdown, course_slug=course_slug) for each, markdown in texts.items()}


def _asset(course_slug: str, path: str) -> str:
    return f"/api/v1/courses/{course_slug}/assets/{quote(unquote(path))}"


def html_of(markdown: str, *, course_slug: str) -> str:
    """Safe HTML of a question's or feedback's Markdown; "" stays ""."""

    def resolve(url: str) -> str | None:
        scheme, _, path = url.partition(":")
        return _asset(course_slug, path) if scheme == "asset" else None

    return text.render(markdown, resolve=resolve, base_heading=BASE_HEADING).html if markdown else ""


def inline_html_of(markdown: str, *, course_slug: str) -> str:
    """The same for a choice: a lone paragraph without its tags, since it stands inside a label."""
    html = html_of(markdown, course_slug=course_slug)
    alone = LONE_PARAGRAPH.fullmatch(html)
    return alone.group(1) if alone else html


def questions_of(paper: Paper) -> tuple[PaperQuestion, ...]:
    """The questions of a paper in their authors' order."""
    return tuple(PaperQuestion.model_validate(each) for each in paper.questions)


def in_order(paper: Paper, *, seed: int) -> list[PaperQuestion]:
    """The questions in the order of the attempt with this seed, the same each time; true before false always."""
    questions: Sequence[PaperQuestion] = questions_of(paper)
    if paper.shuffle_questions:
        questions = shuffled(questions, [question.id for question in questions], seed)
    return choices_shuffled(questions, seed=seed) if paper.shuffle_choices else list(questions)


def choices_shuffled(questions: Sequence[PaperQuestion], *, seed: int) -> list[PaperQuestion]:
    """The questions with their choices in the order of the attempt with this seed; true before false always."""
    return [
        question
        if question.type == QuestionType.TRUE_FALSE
        else question.model_copy(
            update={"choices": tuple(shuffled(question.choices, [each.id for each in question.choices], seed))}
        )
        for question in questions
    ]


def question_of(paper: Paper, question_id: UUID) -> PaperQuestion | None:
    """One question of a paper, without reading the others; None when there is no such one."""
    wanted = str(question_id)
    return next((PaperQuestion.model_validate(each) for each in paper.questions if each["id"] == wanted), None)


def seed_of(question: PaperQuestion, seed: int) -> str:
    """The seed of one question in the attempt with this seed."""
    return f"{seed}:{question.id}"
