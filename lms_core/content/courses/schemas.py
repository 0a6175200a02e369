"""Inputs and views of courses."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field, model_validator

from lms_core.content.courses.models import CourseAccess, CourseStatus, CoverFocus, LessonKind, LessonStatus

MAXIMUM_BODY = 2_000_000  # characters
MAXIMUM_TAGS = 20

# PostgreSQL text holds no NUL; control characters help nobody in a title.
NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_CONTROL)]
LessonTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=NO_CONTROL)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000, pattern=NO_CONTROL)]
AltText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_CONTROL)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_CONTROL)]
Body = Annotated[str, StringConstraints(max_length=MAXIMUM_BODY, pattern=r"^[^\x00]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=NO_CONTROL)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]  # BCP 47
SourcePath = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_CONTROL)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class CourseIn(BaseModel):
    """A new course. Without a slug one is made from the title; `category` is a category's slug."""

    title: Title
    slug: Slug | None = None
    summary: Summary = ""
    language: Language = "en"
    access: CourseAccess = CourseAccess.OPEN
    category: Slug | None = None
    tags: list[TagName] = Field(default=[], max_length=MAXIMUM_TAGS)
    cover: Annotated[str, StringConstraints(max_length=500, pattern=NO_CONTROL)] = ""


class CourseChange(BaseModel):
    """What to change of a course; what is left out stays. `category` "" takes it off its shelf."""

    title: Title | None = None
    summary: Summary | None = None
    language: Language | None = None
    access: CourseAccess | None = None
    category: Slug | Annotated[str, StringConstraints(max_length=0)] | None = None
    tags: Annotated[list[TagName], Field(max_length=MAXIMUM_TAGS)] | None = None
    cover: Annotated[str, StringConstraints(max_length=500, pattern=NO_CONTROL)] | None = None
    cover_alt: AltText | None = None
    cover_focus: CoverFocus | None = None


class ModuleIn(BaseModel):
    """A new module; it goes to the end of the course."""

    title: Title
    summary: Summary = ""


class ModuleChange(BaseModel):
    """What to change of a module; what is left out stays."""

    title: Title | None = None
    summary: Summary | None = None
    position: int | None = Field(default=None, ge=0, le=10_000)


class LessonIn(BaseModel):
    """A new lesson. `source_path` and `translation_of` (a source path too) come from imports."""

    title: LessonTitle
    body: Body = ""
    language: Language | None = None
    kind: LessonKind = LessonKind.LESSON
    status: LessonStatus = LessonStatus.PUBLISHED
    source_path: SourcePath | None = None
    translation_of: SourcePath | None = None


class LessonEdit(BaseModel):
    """An edit of a lesson, based on the version that was opened. What is left out stays."""

    base_version: int = Field(ge=1, le=2_000_000_000)
    title: LessonTitle | None = None
    body: Body | None = None
    status: LessonStatus | None = None
    note: Note = ""


class AuthoredEdit(BaseModel):
    """An edit of a lesson among several; `author_id` is whose words they are."""

    lesson_id: UUID
    edit: LessonEdit
    author_id: UUID | None


class LessonPlace(BaseModel):
    """Where a lesson is to stand."""

    module_id: UUID
    position: int = Field(ge=0, le=100_000)


class ModuleOrder(BaseModel):
    """A module and its lessons, in the order wanted."""

    module_id: UUID
    lessons: list[UUID] = Field(max_length=5000)


class OutlineOrder(BaseModel):
    """The whole course in the order wanted: each module and lesson exactly once."""

    modules: list[ModuleOrder] = Field(max_length=1000)


class ImportedModule(BaseModel):
    """A module as an import found it, its lessons in order."""

    title: Title
    summary: Summary = ""
    lessons: list[LessonIn]

    @model_validator(mode="after")
    def _named(self) -> Self:
        if any(lesson.source_path is None for lesson in self.lessons):
            raise ValueError("an imported lesson needs its source path")
        return self


class ImportReport(View):
    """What an import changed: numbers of lessons, and of modules there are now."""

    modules: int
    created: int
    updated: int
    unchanged: int
    deleted: int


class CourseCard(View):
    """A course as a catalogue shows it."""

    id: UUID
    slug: str
    title: str
    summary: str
    language: str
    status: CourseStatus
    access: CourseAccess
    kind: str
    category: str | None  # slug
    category_name: str | None
    cover: str
    cover_alt: str
    cover_focus: CoverFocus
    template: bool
    owner_id: UUID | None
    lesson_count: int
    required_count: int
    minutes: int
    has_rules: bool
    rating_count: int
    rating_total: int
    published_at: datetime | None
    updated_at: datetime
    tags: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rating(self) -> float | None:
        """The mean of its ratings in stars, to a tenth; None without any."""
        return round(self.rating_total / self.rating_count, 1) if self.rating_count else None


class LessonItem(View):
    """A lesson as an outline lists it."""

    id: UUID
    title: str
    kind: LessonKind
    status: LessonStatus
    language: str
    minutes: int
    source_path: str | None
    translation_of_id: UUID | None
    optional: bool


class ModuleView(View):
    """A module with its lessons in order."""

    id: UUID
    title: str
    summary: str
    lessons: tuple[LessonItem, ...]


class Heading(View):
    """A heading of a lesson: level in the source (1 to 6), text, and its id on the page."""

    level: int
    text: str
    anchor: str


class LessonView(View):
    """A lesson to read. Every passage cited from it stands verbatim in `text`.

    `course_updated_at` moves on with every change to the course or to any of its lessons.
    """

    id: UUID
    course_id: UUID
    course_slug: str
    course_title: str
    course_status: CourseStatus
    course_updated_at: datetime
    course_has_rules: bool
    module_id: UUID
    title: str
    kind: LessonKind
    status: LessonStatus
    language: str
    translation_of_id: UUID | None
    source_path: str | None
    minutes: int
    version: int
    version_id: UUID
    updated_at: datetime
    html: str
    text: str
    outline: tuple[Heading, ...]


class LessonSource(View):
    """A lesson's Markdown and where it stands: what the editor opens and the index reads."""

    id: UUID
    course_id: UUID
    course_status: CourseStatus
    module_id: UUID
    module_title: str
    title: str
    body: str
    kind: LessonKind
    status: LessonStatus
    language: str
    source_path: str | None
    translation_of_id: UUID | None
    version: int
    version_id: UUID
    text_hash: str


class VersionItem(View):
    """A version of a lesson as its history lists it."""

    id: UUID
    number: int
    title: str
    note: str
    author_id: UUID | None
    created_at: datetime
    current: bool


class Preview(View):
    """Markdown as a lesson page would show it."""

    html: str
    outline: tuple[Heading, ...]
    minutes: int


class EditingBlock(View):
    """A block of a lesson as the editor shows it. `fields` is what it says, by `kind`; `html` how it looks alone."""

    kind: str
    source: str
    after: str
    fields: dict[str, str | int | list[str] | list[list[str]]]
    html: str


class EditingText(View):
    """Markdown in blocks: `lead`, then `source` and `after` of each block, joined are the text byte for byte."""

    lead: str
    blocks: tuple[EditingBlock, ...]


class VersionSource(View):
    """What a version of a lesson says."""

    number: int
    title: str
    body: str
