"""Papers: printed when the first attempt of a revision begins, handed out, and drawn from."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.assessments import drawing, dropping, layouts, papers, queries
from lms_core.learning.assessments.drawing import Layout
from lms_core.learning.assessments.errors import NothingToTake
from lms_core.learning.assessments.models import Attempt, Paper, Quiz
from lms_core.learning.assessments.papers import PaperQuestion
from lms_core.learning.assessments.schemas import AskedSection
from lms_core.learning.assessments.service import sections


def hand_out(ctx: WriteCtx, quiz: Quiz, attempt: Attempt) -> None:
    """Give an attempt the paper of the quiz's present revision, and draw its questions. NothingToTake.

    Two statements, three with sections, four with draws; more when nobody has begun on this revision yet.
    """
    if quiz.sectioned:
        sections.catch_up(ctx, quiz)
    if quiz.question_count == 0:
        raise NothingToTake()
    wanted = select(Paper.id, Paper.layout).where(Paper.quiz_id == quiz.id, Paper.revision == quiz.revision)
    paper = ctx.session.execute(wanted).one_or_none()
    if paper is None:
        try:
            with ctx.session.begin_nested():
                paper = ctx.add(_printed(ctx, quiz))
        except IntegrityError:  # somebody else began at the same moment
            paper = ctx.session.execute(wanted).one()
    attempt.paper_id = paper.id
    if paper.layout is not None:
        layout = Layout.model_validate(paper.layout)
        had = _had(ctx, attempt) if layout.draws() else set()
        drawn = drawing.draw(layout, seed=attempt.seed, had=had)
        attempt.drawn = [each.model_dump(mode="json") for each in drawn]


def in_order(ctx: ReadCtx, attempt: Attempt) -> tuple[list[PaperQuestion], tuple[AskedSection, ...]]:
    """The questions of an attempt that has begun in its own order, and the sections they stand in.

    One statement; two where its paper has a layout and this process does not remember it.
    """
    if attempt.drawn is None:
        paper = queries.paper(ctx, attempt.paper_id)
        assert paper is not None
        return papers.in_order(paper, seed=attempt.seed), ()
    layout, shuffles = queries.layout(ctx, attempt.paper_id)
    questions = list(queries.questions_of(ctx, attempt).values())
    if shuffles:
        questions = papers.choices_shuffled(questions, seed=attempt.seed)
    return questions, asked_sections(layout, [each["section"] for each in attempt.drawn])


def asked_sections(layout: Layout, standing: list[int]) -> tuple[AskedSection, ...]:
    """What learners see of sections. `standing`: the section of each question, in order."""
    return tuple(
        AskedSection(
            title=section.title,
            instructions_html=section.instructions_html,
            new_page=section.new_page,
            first=standing.index(number) + 1,
            questions=standing.count(number),
        )
        for number, section in enumerate(layout.sections)
        if number in standing
    )


def preview(
    ctx: ReadCtx, quiz: Quiz, *, course_slug: str, seed: int
) -> tuple[list[PaperQuestion], tuple[AskedSection, ...]]:
    """What an attempt with this seed would get now; nothing is kept."""
    if not quiz.sectioned:
        present = dropping.own_asked(ctx, quiz)
        return [papers.printed(question, course_slug=course_slug) for question in present], ()
    asked = layouts.lay_out(ctx, quiz, course_slug=course_slug, without=dropping.dropped(ctx, quiz.id))
    known = {question.id: question for question in map(PaperQuestion.model_validate, asked.questions)}
    drawn = drawing.draw(asked.layout, seed=seed)
    questions = [known[each.id].model_copy(update={"points": each.points}) for each in drawn]
    return questions, asked_sections(asked.layout, [each.section for each in drawn])


def present(ctx: ReadCtx, quiz: Quiz, *, course_slug: str) -> dict[UUID, PaperQuestion]:
    """Every question of the quiz now, dropped ones too, those of banks in their present version, by id and in order."""
    if quiz.sectioned:
        asked = layouts.lay_out(ctx, quiz, course_slug=course_slug, without={}).questions
        return {question.id: question for question in map(PaperQuestion.model_validate, asked)}
    found = queries.questions(ctx, quiz.id)
    return {question.id: papers.printed(question, course_slug=course_slug) for question in found}


def _printed(ctx: ReadCtx, quiz: Quiz) -> Paper:
    slug = courses.access_course(ctx, quiz.course_id, even_archived=True).slug
    if quiz.sectioned:
        asked = layouts.lay_out(ctx, quiz, course_slug=slug, without=dropping.dropped(ctx, quiz.id))
        questions, layout = list(asked.questions), asked.layout.model_dump(mode="json")
    else:
        present = dropping.own_asked(ctx, quiz)
        questions = [papers.printed(question, course_slug=slug).model_dump(mode="json") for question in present]
        layout = None
    return Paper(
        quiz_id=quiz.id,
        revision=quiz.revision,
        questions=questions,
        layout=layout,
        shuffle_questions=quiz.shuffle_questions,
        shuffle_choices=quiz.shuffle_choices,
        points=quiz.points,
        created_at=ctx.now,
    )


def _had(ctx: ReadCtx, attempt: Attempt) -> set[UUID]:
    """The questions that the person had in other attempts at the quiz. One statement."""
    earlier = select(Attempt.drawn).where(
        Attempt.quiz_id == attempt.quiz_id,
        Attempt.user_id == attempt.user_id,
        Attempt.id != attempt.id,
        Attempt.drawn.is_not(None),
    )
    return {UUID(each["id"]) for drawn in ctx.session.execute(earlier).scalars() for each in drawn}
