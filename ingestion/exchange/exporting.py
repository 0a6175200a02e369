"""A quiz as a file of another system, with a report of what its format cannot hold."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from ingestion.exchange.schemas import ExportFormat, ExportReport
from ingestion.exchange.service import lines_of
from ingestion.questions import Effect, Format, ReadBank, ReadQuestion, Written, rich, write
from lms_core.content.files import service as files
from lms_core.kit.context import ReadCtx, Resources
from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Storage
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuestionIn

LARGEST_TOTAL = 50 * 1024 * 1024  # bytes of pictures in an export; the rest is told as missing
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
WRITTEN_AS = {each: Format(each.value) for each in ExportFormat}


@dataclass(frozen=True, slots=True)
class Export:
    """A quiz and where the files lie that its questions show, by path."""

    title: str
    questions: tuple[QuestionIn, ...]
    keys: dict[str, str]


def gather(ctx: ReadCtx, quiz_id: UUID) -> Export:
    """What is to be written, for the quiz's editors. QuizNotFound, Forbidden. Seven statements."""
    source = assessments.read_source(ctx, quiz_id)
    questions = tuple(QuestionIn.model_validate(each.model_dump()) for each in source.question_list)
    wanted = {path for question in questions for path in _paths(question)}
    keys, total = {}, 0
    for file in files.of_owner(ctx, owner_id=source.course_id) if wanted else ():
        if file.path in wanted and total + file.size <= LARGEST_TOTAL:
            keys[file.path], total = file.storage_key, total + file.size
    return Export(title=source.title, questions=questions, keys=keys)


def written(resources: Resources, export: Export, *, written_as: ExportFormat) -> Written:
    """The file. Reads the pictures from storage: no transaction is open meanwhile."""
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    contents = {}
    for path, key in export.keys.items():
        try:
            contents[path] = storage.get(key)
        except NotFound:  # told as missing by the writer
            continue
    bank = ReadBank(
        format=WRITTEN_AS[written_as],
        questions=tuple(
            ReadQuestion(question, name=f"{place}. {rich.to_line(question.text)[:60]}".strip())
            for place, question in enumerate(export.questions, 1)
        ),
        files=contents,
        title=export.title,
    )
    return write(bank, WRITTEN_AS[written_as])


def report(export: Export, done: Written, *, written_as: ExportFormat) -> ExportReport:
    """What the format could not hold."""
    lines = lines_of(done.report)
    left_out = {each.item for each in lines if each.effect == Effect.LEFT_OUT}
    return ExportReport(
        format=written_as, questions=len(export.questions) - len(left_out), all=len(export.questions), report=lines
    )


def file_name(title: str, suffix: str) -> str:
    """A name that every system takes: the title in plain letters, without anything that could be a path."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return f"{UNSAFE.sub('-', plain).strip('-.')[:80] or 'questions'}{suffix}"


def _paths(question: QuestionIn) -> set[str]:
    """Paths of the files that a question shows: in its texts, and the picture it asks about."""
    found = set(rich.assets(question.model_dump_json().replace("\\n", " ")))
    picture = getattr(question.key, "picture", None)
    return found | ({picture} if isinstance(picture, str) else set())
