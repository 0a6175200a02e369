"""A course being put together from a package: modules, lessons, quizzes, files, and the report of what stays behind."""

import hashlib
import mimetypes
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ingestion.readers import Unreadable
from ingestion.readers.sniffing import BY_SUFFIX
from ingestion.readers.text import escape, escape_inline
from ingestion.sources.links import path_inside, pictures, rewrite
from ingestion.sources.packages import saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.pages import read_page
from ingestion.sources.quizzes import WORDS
from ingestion.sources.resolving import MAX_ASSET, MOST_MISSING, NOT_ASSETS, missing_picture
from ingestion.sources.schemas import (
    AssetDraft,
    AssignmentDraft,
    CourseDraft,
    Failure,
    LessonDraft,
    ModuleDraft,
    NotCarried,
    QuestionDraft,
    QuizDraft,
)

MOST_LESSONS = 5_000
MOST_REPORTED = 400
MOST_QUESTIONS = 300  # of one quiz; longer ones become several
LONGEST_BODY = 1_900_000
LONGEST_PATH = 300
LONGEST_SUMMARY = 4_000


@dataclass(frozen=True, slots=True)
class Converted:
    """A package as a course. `unread` are documents by the path of the lesson that their text will be.

    Files are named by their path below the package's root; a document has a name of its own beside it.
    """

    course: CourseDraft
    unread: dict[str, tuple[str, str]]


@dataclass(slots=True)
class _Module:
    title: str
    summary: str
    lessons: list[LessonDraft] = field(default_factory=list)


class Drafting:
    """Collects a course. `prefix` keeps its paths apart from those of another package in the same course."""

    def __init__(self, contents: Contents, *, kind: str, prefix: str, title: str, language: str) -> None:
        self.contents = contents
        self.kind = kind
        self.prefix = re.sub(r"[^\w.-]+", "-", prefix).strip("-.")[:80] or kind
        self.title = title
        self.language = language
        self.summary = ""
        self.tags: tuple[str, ...] = ()
        self.links: dict[str, str] = {}  # a path inside the package to the source path of the lesson it opens
        self.kept_files: list[str] = []  # files of the course itself: those that no lesson uses are reported
        self._modules: list[_Module] = []
        self._folders: dict[str, str] = {}
        self._unread: dict[str, tuple[str, str]] = {}
        self._documents: set[Path] = set()
        self._assets: dict[str, AssetDraft] = {}
        self._missing: dict[str, Failure] = {}
        self._failures: dict[str, Failure] = {}
        self._report: dict[NotCarried, None] = {}
        self._unreported = 0
        self._count = 0

    # -- what the course is made of -------------------------------------------

    def module(self, title: str, summary: str = "") -> None:
        """Begin a module; lessons that follow are its own."""
        self._modules.append(_Module(title or self.title, summary[:LONGEST_SUMMARY]))

    def lesson(
        self,
        path: str,
        title: str,
        body: str,
        *,
        folder: str = "",
        assignment: AssignmentDraft | None = None,
        hidden: bool = False,
    ) -> str | None:
        """Add a lesson. `folder` is where in the package its links begin. None when there are too many."""
        kind = "assignment" if assignment else "lesson"
        draft = LessonDraft(path, title, body, self.language, kind, assignment=assignment, hidden=hidden)
        return self._add(draft, folder)

    def quiz(
        self, path: str, title: str, questions: Sequence[QuestionDraft], *, intro: str = "", hidden: bool = False
    ) -> str | None:
        """Add a quiz beside a lesson of its own; past `MOST_QUESTIONS` questions, several."""
        parts = [questions[at : at + MOST_QUESTIONS] for at in range(0, len(questions), MOST_QUESTIONS)]
        first: str | None = None
        for number, part in enumerate(parts, 1):
            own = f"{path}/{number}" if number > 1 else path
            named = f"{title} ({number})" if len(parts) > 1 else title
            quiz = QuizDraft(tuple(part))
            draft = LessonDraft(
                own, named, intro if number == 1 else "", self.language, "quiz", quiz=quiz, hidden=hidden
            )
            added = self._add(draft, "")
            first = first or added
        return first

    def document(self, path: str, title: str, file: str, *, hidden: bool = False) -> str | None:
        """Add a lesson whose text is that of a document, which is read later."""
        found = self.contents.find(file)
        if found is None:
            self.lost(title, saying.of(saying.NO_FILE, file))
            return None
        added = self.lesson(path, title, "", hidden=hidden)
        if added is not None:
            kept = self.contents.files[found].relative_to(self.contents.root).as_posix()
            self._unread[added] = (kept, found.rpartition("/")[2])
            self._documents.add(self.contents.files[found])
            self.links.setdefault(found, added)
        return added

    def quiz_beside(self, title: str) -> str:
        """What a quiz beside the lesson `title` is called."""
        return f"{WORDS.get(self.language[:2], WORDS['en'])[0]}: {title}"

    def file(self, path: str, title: str, file: str, *, hidden: bool = False) -> str | None:
        """Add a file as a lesson: its text where a reader knows its kind, else a link to it."""
        found = self.contents.find(file)
        if found is not None and Path(found).suffix.lower() in (".html", ".htm", ".xhtml"):
            try:
                html = self.contents.text(found)
            except Unreadable:
                self.lost(title, saying.of(saying.DAMAGED, found))
                return None
            return self.page(path, title, html, folder=found.rpartition("/")[0], hidden=hidden)
        if found is not None and Path(found).suffix.lower() in BY_SUFFIX:
            return self.document(path, title, found, hidden=hidden)
        link = self.file_link(title, file)
        return self.lesson(path, title, link, hidden=hidden) if link else None

    def page(
        self,
        path: str,
        title: str,
        html: str,
        *,
        folder: str = "",
        assignment: AssignmentDraft | None = None,
        hidden: bool = False,
    ) -> str | None:
        """Add a lesson from HTML."""
        body = self.markdown(html, where=title)
        return self.lesson(path, title, body, folder=folder, assignment=assignment, hidden=hidden)

    # -- texts, files, and what stays behind ------------------------------------

    def markdown(self, html: str, *, where: str) -> str:
        """HTML as Markdown, its links as they were; what of it is lost is reported."""
        page = read_page(html)
        self.lost(where, *page.lost)
        return page.body

    def snippet(self, html: str, *, where: str, folder: str = "") -> str:
        """HTML of a question, an answer or a feedback as Markdown whose pictures are kept."""
        return self._rewritten(self.markdown(html, where=where), folder, where, with_lessons=False)

    def asset(self, path: str) -> str | None:
        """`asset:...` for a file of the package, which is kept; None when it is missing or of no use."""
        found = self.contents.find(path)
        if found is None or found.lower().endswith(NOT_ASSETS):
            return None
        own = _shortened(f"{self.prefix}/{found}")
        if own not in self._assets:
            file = self.contents.files[found]
            if file.stat().st_size > MAX_ASSET:
                self.lost(found, saying.LARGE_FILE)
                return None
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            self._assets[own] = AssetDraft(own, file, kind)
        return f"asset:{quote(own, safe='/')}"

    def file_link(self, title: str, path: str) -> str:
        """A paragraph that links to a file of the package, as Markdown; "" when it stays behind, which is reported."""
        link = self.asset(path)
        if link is None:
            missing = self.contents.find(path) is None
            self.lost(title, saying.of(saying.NO_FILE if missing else saying.NOT_A_LESSON, path))
            return ""
        picture = (mimetypes.guess_type(path)[0] or "").startswith("image/")
        return f"{'!' if picture else ''}[{escape_inline(title)}]({link})"

    def lost(self, where: str, *kinds: saying.Lost) -> None:
        """Report what stays behind, once for each place and kind."""
        for kind in kinds:
            told = NotCarried(" ".join(where.split())[:300] or self.title, kind.what, kind.why)
            if told not in self._report and len(self._report) >= MOST_REPORTED:
                self._unreported += 1
            else:
                self._report[told] = None

    def finished(self) -> Converted:
        """The course. Links between its lessons are made now, since only now all lessons are known."""
        modules = []
        for module in self._modules:
            lessons = [self._linked(lesson) for lesson in module.lessons]
            if lessons or module.summary:
                modules.append(ModuleDraft(module.title, tuple(lessons), module.summary))
        used = {asset.file for asset in self._assets.values()} | self._documents
        for path in self.kept_files:
            if (file := self.contents.files.get(path)) is not None and file not in used:
                self.lost(path.rpartition("/")[2], saying.of(saying.UNUSED, path))
        if self._unreported:
            rest = saying.of(saying.REST, str(self._unreported))
            self._report[NotCarried(self.title, rest.what, rest.why)] = None
        course = CourseDraft(
            self.title,
            self.kind,
            self.language,
            tuple(modules),
            summary=self.summary[:LONGEST_SUMMARY],
            tags=self.tags,
            assets=tuple(
                replace(asset, file=asset.file.relative_to(self.contents.root)) for asset in self._assets.values()
            ),
            failures=tuple(self._failures.values()),
            missing=tuple(self._missing.values()),
            report=tuple(self._report),
        )
        return Converted(course, self._unread)

    # -- inside ---------------------------------------------------------------

    def _add(self, draft: LessonDraft, folder: str) -> str | None:
        if self._count >= MOST_LESSONS:
            self.lost(self.title, saying.TOO_MANY)
            return None
        if len(draft.body) > LONGEST_BODY:
            self.lost(draft.title, saying.TOO_LONG)
            draft = replace(draft, body=draft.body[:LONGEST_BODY])
        path = _shortened(f"{self.prefix}/{draft.source_path}")
        while path in self._folders:
            path += "+"
        draft = replace(draft, source_path=path, title=" ".join(draft.title.split()) or self.title, documents=(path,))
        if draft.hidden:
            self.lost(draft.title, saying.HIDDEN)
        if draft.assignment is not None:
            self.lost(draft.title, saying.ASSIGNMENT)
        if not self._modules:
            self.module(self.title)
        self._modules[-1].lessons.append(draft)
        self._folders[path] = folder
        self._count += 1
        return path

    def _linked(self, lesson: LessonDraft) -> LessonDraft:
        folder = self._folders[lesson.source_path]
        return replace(lesson, body=self._rewritten(lesson.body, folder, lesson.title, with_lessons=True))

    def _rewritten(self, body: str, folder: str, where: str, *, with_lessons: bool) -> str:
        for path in pictures(body, folder=folder):
            if path not in self._missing and len(self._missing) < MOST_MISSING and not self.contents.has(path):
                self._missing[path] = missing_picture(path, shown_in=where)

        def resolve(path: str) -> str | None:
            lesson = self.links.get(path) or self.links.get(self.contents.find(path) or "")
            if lesson is not None and with_lessons:
                return f"lesson:{quote(lesson, safe='/+')}"
            return self.asset(path)

        return rewrite(body, folder=folder, resolve=resolve)


def inside(url: str, folder: str) -> str:
    """The path in the package that a relative `url` of a file in `folder` means."""
    return path_inside(url.replace("\\", "/"), folder)


def plain(text: str) -> str:
    """Plain text as Markdown."""
    return escape(text)


def headed(title: str, body: str) -> str:
    """A part of a lesson under its own heading, unless it begins with one or its name says nothing."""
    says_nothing = not title.strip() or re.fullmatch(r"(?:text|raw html|html|untitled)[\s\d-]*", title.strip(), re.I)
    if not body.strip() or says_nothing or re.match(r"#{1,6} ", body):
        return body
    return f"## {escape_inline(' '.join(title.split()))}\n\n{body}"


def joined(parts: Iterable[str]) -> str:
    """Parts of a lesson, one under the other."""
    return "\n\n".join(part.strip() for part in parts if part.strip())


def number(text: str) -> float | None:
    """The finite number that a text is, with point or comma; None for anything else."""
    try:
        value = float(text.strip().replace(",", ".") if text.count(",") == 1 else text.strip())
    except ValueError:
        return None
    return value if abs(value) <= 1e15 else None


def gap_places(text: str) -> str:
    """Markdown made from HTML, with the numbered places of gaps as questions have them: `[[1]]`."""
    return re.sub(r"\\\[\\\[(\d{1,3})\\\]\\\]", r"[[\1]]", text)


def side(text: str) -> dict[str, Any]:
    """A text that a question shows, as keys hold it."""
    return {"text": text}


def _shortened(path: str) -> str:
    clean = "".join(char for char in path if char.isprintable())
    if len(clean) <= LONGEST_PATH:
        return clean
    digest = hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()[:16]
    name, dot, ending = clean.rpartition(".")
    return (
        f"{name[: LONGEST_PATH - 40]}-{digest}{dot}{ending}" if dot and len(ending) < 10 else f"{clean[:260]}-{digest}"
    )
