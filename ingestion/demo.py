"""The sample course of the demo."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from ingestion.imports.schemas import ImportOptions
from ingestion.lessons.models import LessonIndex
from ingestion.sources import open_source
from ingestion.storing import store_course
from lms_core.content.courses.models import Course, Lesson
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import Database, Work, system_actor
from lms_core.kit.jobs import Job
from rag.embeddings.provider import EmbedderProvider

SLUG = "learn-with-mwalimu"
SOLD_SLUG = "keep-bees-and-sell-honey"


def ensure_sample_course(
    database: Database, folder: Path, *, tenant_id: UUID, owner_email: str, slug: str = SLUG
) -> tuple[str, UUID]:
    """Store and publish the sample course in `folder` when it is not there; its slug and id."""
    with database.read(system_actor(tenant_id)) as view:
        owner = accounts.account_with_email(view, email=owner_email)
        known = view.session.execute(select(Course.id).where(Course.slug == slug)).scalar_one_or_none()
    if known is not None:
        return slug, known
    draft = open_source(folder)
    now = database.clock.now()
    work = Work(database, Job(name="demo", queue="fast", tenant_id=tenant_id, run_at=now, created_at=now))
    options = ImportOptions(publish=True, slug=slug)
    store_course(work, draft, into=None, owner_id=owner.id if owner is not None else None, options=options)
    with database.read(system_actor(tenant_id)) as view:
        return slug, view.session.execute(select(Course.id).where(Course.slug == slug)).scalar_one()


def waiting_lessons(database: Database) -> int:
    """How many lessons the index does not hold in their present version and the present space."""
    space = database.resources.get(EmbedderProvider).get().space
    with database.read(system_actor()) as view:
        statement = (
            select(func.count())
            .select_from(Lesson)
            .outerjoin(
                LessonIndex,
                (LessonIndex.lesson_id == Lesson.id)
                & (LessonIndex.version == Lesson.version)
                & (LessonIndex.space == space),
            )
            .where(LessonIndex.lesson_id.is_(None))
        )
        return view.session.execute(statement).scalar_one()
