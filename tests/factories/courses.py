"""Courses for tests, made through the product's own verbs; and a counter of SQL statements."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import event

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseIn, ImportedModule, LessonIn
from lms_core.kit.context import Database
from tests.factories.people import Person, actor_of

BODY = "# Opening\n\nWater boils at 100 degrees at sea level.\n\n## Higher up\n\nOn a mountain it boils sooner.\n"


@dataclass(frozen=True, slots=True)
class Made:
    """A course that exists: its id, slug, and its lessons in order."""

    id: UUID
    slug: str
    modules: tuple[UUID, ...]
    lessons: tuple[UUID, ...]


def outline(*sizes: int, body: str = BODY) -> list[ImportedModule]:
    """Modules of so many lessons each, at paths `m1/l1.md`, `m1/l2.md` ..."""
    return [
        ImportedModule(
            title=f"Module {module}",
            lessons=[
                LessonIn(title=f"Lesson {module}.{lesson}", body=body, source_path=f"m{module}/l{lesson}.md")
                for lesson in range(1, size + 1)
            ],
        )
        for module, size in enumerate(sizes, start=1)
    ]


def create_course(
    database: Database,
    instructor: Person,
    *,
    modules: Sequence[ImportedModule] | None = None,
    publish: bool = True,
    **fields: object,
) -> Made:
    """A course of `instructor` (two modules of two lessons unless given), rendered, published unless told not to."""
    with database.write(actor_of(database, instructor)) as ctx:
        card = courses.create(ctx, course=CourseIn.model_validate({"title": "Heat and water"} | fields))
        courses.import_outline(ctx, card.id, modules=outline(2, 2) if modules is None else modules)
        while courses.render_pending(ctx, card.id):
            pass
        if publish:
            courses.publish(ctx, card.id)
        tree = courses.outline(ctx, card.id, drafts=True)
    lessons = tuple(lesson.id for module in tree for lesson in module.lessons)
    return Made(id=card.id, slug=card.slug, modules=tuple(module.id for module in tree), lessons=lessons)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements sent while this is open, transaction control left out."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
