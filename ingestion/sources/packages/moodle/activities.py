"""Activities of a backup to lessons, quizzes and assignments: one small reader for each kind."""

from collections.abc import Callable
from dataclasses import dataclass

from ingestion.readers.text import escape_inline, plain_to_markdown
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting, joined, number
from ingestion.sources.packages.moodle.files import place, relinked
from ingestion.sources.packages.moodle.questions import Bank
from ingestion.sources.packages.pages import page_link
from ingestion.sources.schemas import AssignmentDraft

PLAIN, MARKDOWN = "2", "4"  # text formats of Moodle, beside HTML


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity: its kind, the id that sections know it by, and its own XML."""

    kind: str
    module: str
    title: str
    folder: str
    context: str
    section: str
    element: markup.Element
    hidden: bool


@dataclass(frozen=True, slots=True)
class Backup:
    """What the readers share."""

    draft: Drafting
    bank: Bank

    def text(self, activity: Activity, value: str, form: str, area: str, item: str = "0", where: str = "") -> str:
        """A text of an activity as Markdown, its pictures found in their area."""
        if not value:
            return ""
        folder = place(activity.context, f"mod_{activity.kind}", area, item)
        if form == MARKDOWN:
            return relinked(value, folder)
        if form == PLAIN:
            return plain_to_markdown(value)
        return self.draft.markdown(relinked(value, folder), where=where or activity.title)

    def intro(self, activity: Activity) -> str:
        """What the activity says before it begins."""
        element = activity.element
        return self.text(activity, markup.said(element, "intro"), markup.said(element, "introformat"), "intro")

    def opening(self, activity: Activity, *, hidden: bool) -> None:
        """The introduction of an activity that has no other place here, as a lesson."""
        body = self.intro(activity)
        if body.strip() and body.strip() != activity.title:
            self.draft.lesson(activity.folder, activity.title, body, hidden=hidden)

    def files(self, activity: Activity, area: str = "content") -> list[str]:
        """The paths of the activity's own files."""
        folder = place(activity.context, f"mod_{activity.kind}", area) + "/"
        return [path for path in self.draft.contents.files if path.startswith(folder)]


def _page(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    element = activity.element
    content = markup.said(element, "content")
    body = backup.text(activity, content, markup.said(element, "contentformat"), "content")
    return backup.draft.lesson(activity.folder, activity.title, joined([backup.intro(activity), body]), hidden=hidden)


def _book(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    """A lesson for each chapter; what stands below a chapter follows in it."""
    found: list[tuple[markup.Element, str, list[str], bool]] = []
    chapters = list(markup.within(activity.element, "chapter"))
    for chapter in sorted(chapters, key=lambda each: number(markup.said(each, "pagenum")) or 0):
        title = markup.said(chapter, "title")
        form, item = markup.said(chapter, "contentformat"), chapter.get("id") or "0"
        body = backup.text(activity, markup.said(chapter, "content"), form, "chapter", item, title)
        if markup.said(chapter, "subchapter") == "1" and found:
            found[-1][2].append(joined([f"## {escape_inline(title)}", body]))
        else:
            found.append((chapter, title, [body], markup.said(chapter, "hidden") == "1"))
    intro = backup.intro(activity)
    added: str | None = None
    for at, (chapter, title, parts, closed) in enumerate(found):
        named = f"{activity.title}: {title}" if title else activity.title
        body = joined([intro if at == 0 else "", *parts])
        path = f"{activity.folder}/chapter/{chapter.get('id')}"
        lesson = backup.draft.lesson(path, named, body, hidden=hidden or closed)
        added = added or lesson
    return added


def _label(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    body = backup.intro(activity)
    return backup.draft.lesson(activity.folder, activity.title, body, hidden=hidden) if body else None


def _resource(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    draft, files = backup.draft, backup.files(activity)
    if not files:
        draft.lost(activity.title, saying.NO_FILE)
        return None
    if len(files) > 1:  # a page with its pictures, or an archive that was unpacked
        pages = [path for path in files if path.lower().endswith((".html", ".htm"))]
        if len(pages) != 1:
            return _folder(backup, activity, hidden)
        files = pages
    return draft.file(activity.folder, activity.title, files[0], hidden=hidden)


def _folder(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    draft = backup.draft
    links = [draft.file_link(path.rpartition("/")[2], path) for path in backup.files(activity)]
    body = joined([backup.intro(activity), "\n".join(f"- {link}" for link in links if link)])
    return draft.lesson(activity.folder, activity.title, body, hidden=hidden) if body else None


def _url(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    address = markup.said(activity.element, "externalurl")
    link = page_link(escape_inline(activity.title), address) if address.startswith(("http://", "https://")) else ""
    if not link:
        backup.draft.lost(activity.title, saying.of(saying.BOOKMARK, address))
    body = joined([backup.intro(activity), link])
    return backup.draft.lesson(activity.folder, activity.title, body, hidden=hidden) if body else None


def _glossary(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    parts = [backup.intro(activity)]
    for entry in markup.within(activity.element, "entry"):
        concept = markup.said(entry, "concept")
        form, item = markup.said(entry, "definitionformat"), entry.get("id") or "0"
        text = backup.text(activity, markup.said(entry, "definition"), form, "entry", item, concept)
        parts.append(joined([f"## {escape_inline(concept)}", text]))
    body = joined(parts)
    return backup.draft.lesson(activity.folder, activity.title, body, hidden=hidden) if body else None


def _lesson(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    """The pages of Moodle's branching lessons, one under the other; their branches and questions stay behind."""
    parts = [backup.intro(activity)]
    for page in markup.within(activity.element, "page"):
        if markup.said(page, "qtype") != "20":  # 20: a content page; others ask something
            backup.draft.lost(activity.title, saying.of(saying.NO_TYPE, markup.said(page, "title")))
            continue
        form, item = markup.said(page, "contentsformat"), page.get("id") or "0"
        text = backup.text(activity, markup.said(page, "contents"), form, "page_contents", item)
        parts.append(joined([f"## {escape_inline(markup.said(page, 'title'))}", text]))
    body = joined(parts)
    backup.draft.lost(activity.title, saying.of(saying.CONDITION, "branches"))
    return backup.draft.lesson(activity.folder, activity.title, body, hidden=hidden) if body else None


def _assign(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    element, draft = activity.element, backup.draft
    told = {
        f"{markup.said(each, 'plugin')}": markup.said(each, "value")
        for each in markup.within(element, "plugin_config")
        if markup.said(each, "name") == "enabled" and markup.said(each, "subtype") == "assignsubmission"
    }
    files, text = told.get("file") == "1", told.get("onlinetext") == "1"
    points = number(markup.said(element, "grade")) or 100.0
    if any(
        markup.said(element, name) not in ("", "0") for name in ("duedate", "cutoffdate", "allowsubmissionsfromdate")
    ):
        draft.lost(activity.title, saying.DATES)
    asked = AssignmentDraft(points if 0 < points <= 1000 else 100.0, takes_text=text or not files, takes_files=files)
    return draft.lesson(activity.folder, activity.title, backup.intro(activity), assignment=asked, hidden=hidden)


def _quiz(backup: Backup, activity: Activity, hidden: bool) -> str | None:
    draft, intro = backup.draft, backup.intro(activity)
    questions = backup.bank.of_quiz(activity.element, where=activity.title)
    if any(markup.said(activity.element, name) not in ("", "0") for name in ("timelimit", "timeopen", "timeclose")):
        draft.lost(activity.title, saying.RULES)
    if questions:
        return draft.quiz(activity.folder, activity.title, questions, intro=intro, hidden=hidden)
    return draft.lesson(activity.folder, activity.title, intro, hidden=hidden) if intro else None


READERS: dict[str, Callable[[Backup, Activity, bool], str | None]] = {
    "page": _page,
    "book": _book,
    "label": _label,
    "resource": _resource,
    "folder": _folder,
    "url": _url,
    "glossary": _glossary,
    "lesson": _lesson,
    "assign": _assign,
    "quiz": _quiz,
}
