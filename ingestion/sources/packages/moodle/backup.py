"""The outline of a backup: sections to modules, and the activities of each in the order of the course page."""

import re
from dataclasses import dataclass

from ingestion.readers import Unreadable
from ingestion.readers.serving import Progress
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted, Drafting
from ingestion.sources.packages.moodle.activities import READERS, Activity, Backup
from ingestion.sources.packages.moodle.files import name_files
from ingestion.sources.packages.moodle.questions import Bank

# Files of a backup that hold people, and what they did.
PERSONAL = re.compile(
    r"(?:^|/)(?:users|enrolments|logs|logstores|completion|grade_history|comments|roles|badges)\.xml$"
)
NOTED = {
    "forum": saying.DISCUSSION,
    "hsuforum": saying.DISCUSSION,
    "chat": saying.DISCUSSION,
    "lti": saying.TOOL,
    "choice": saying.POLL,
    "feedback": saying.POLL,
    "survey": saying.POLL,
    "questionnaire": saying.POLL,
    "scorm": saying.TRACKING,
    "workshop": saying.PEERS,
}
SILENT = frozenset({"subsection"})  # its section is in the list of sections


@dataclass(frozen=True, slots=True)
class _Section:
    number: int
    name: str
    summary: str
    modules: tuple[str, ...]
    hidden: bool


def convert(contents: Contents, *, name: str, progress: Progress) -> Converted:
    """The course, or the part of one, that the backup holds."""
    root = contents.xml("moodle_backup.xml")
    facts = markup.child(root, "information")
    site = markup.said(facts, "original_site_identifier_hash")[:8] or "site"
    course = markup.said(facts, "original_course_id") or "0"
    course_xml = contents.xml("course/course.xml") if contents.has("course/course.xml") else None
    title = markup.said(course_xml, "fullname") or markup.said(facts, "original_course_fullname") or name
    draft = Drafting(
        contents,
        kind="moodle",
        prefix=f"moodle-{site}-{course}",
        title=title,
        language=markup.said(course_xml, "lang"),
    )
    name_files(draft)
    backup = Backup(draft, Bank(draft))
    if course_xml is not None:
        draft.summary = _plain(draft, markup.said(course_xml, "summary"))
        draft.tags = tuple(markup.said(each, "rawname") for each in markup.within(course_xml, "tag"))
    activities = _activities(backup, facts)
    sections = _sections(draft, facts)
    _write(backup, sections, activities, progress)
    _report(draft)
    return draft.finished()


def _activities(backup: Backup, facts: markup.Element | None) -> dict[str, Activity]:
    """The activities by the id that sections name them by."""
    found: dict[str, Activity] = {}
    listed = markup.child(facts, "contents", "activities") if facts is not None else None
    for element in markup.children(listed, "activity") if listed is not None else []:
        module, kind = markup.said(element, "moduleid"), markup.said(element, "modulename")
        title, folder = markup.said(element, "title"), markup.said(element, "directory").strip("/")
        try:
            about = backup.draft.contents.xml(f"{folder}/module.xml")
            hidden = markup.said(about, "visible") == "0"
            section = markup.said(about, "sectionid") or markup.said(element, "sectionid")
            if markup.said(about, "availability") or markup.said(about, "availablefrom") not in ("", "0"):
                backup.draft.lost(title, saying.CONDITION)
            root = backup.draft.contents.xml(f"{folder}/{kind}.xml")
        except Unreadable:
            backup.draft.lost(title or folder, saying.of(saying.DAMAGED, folder))
            continue
        own = markup.child(root, kind)
        if own is not None:
            context = root.get("contextid") or ""
            found[module] = Activity(
                kind, module, title or markup.said(own, "name"), folder, context, section, own, hidden
            )
    return found


def _sections(draft: Drafting, facts: markup.Element | None) -> list[tuple[str, _Section]]:
    listed = markup.child(facts, "contents", "sections") if facts is not None else None
    found = []
    for element in markup.children(listed, "section") if listed is not None else []:
        folder = markup.said(element, "directory").strip("/")
        try:
            root = draft.contents.xml(f"{folder}/section.xml")
        except Unreadable:
            draft.lost(markup.said(element, "title") or folder, saying.of(saying.DAMAGED, folder))
            continue
        number = markup.said(root, "number")
        section = _Section(
            int(number) if number.isdecimal() and len(number) < 9 else 0,
            markup.said(root, "name"),
            markup.said(root, "summary"),
            tuple(each.strip() for each in markup.said(root, "sequence").split(",") if each.strip()),
            markup.said(root, "visible") == "0",
        )
        found.append((markup.said(element, "sectionid"), section))
    return sorted(found, key=lambda pair: pair[1].number)


def _write(
    backup: Backup, sections: list[tuple[str, _Section]], activities: dict[str, Activity], progress: Progress
) -> None:
    draft, left, done = backup.draft, dict(activities), 0
    for section_id, section in sections:
        own = [left.pop(module) for module in section.modules if module in left]
        own += [left.pop(each.module) for each in list(left.values()) if each.section == section_id]
        if not own and not section.summary:
            continue
        title = section.name or (draft.title if section.number == 0 else f"Section {section.number}")
        draft.module(title, _plain(draft, section.summary))
        for activity in own:
            progress(done, len(activities), activity.title)
            _read(backup, activity, hidden=section.hidden)
            done += 1
    if left:
        draft.module(draft.title)
    for activity in left.values():
        progress(done, len(activities), activity.title)
        _read(backup, activity, hidden=False)
        done += 1


def _read(backup: Backup, activity: Activity, *, hidden: bool) -> None:
    reader = READERS.get(activity.kind)
    if reader is not None:
        added = reader(backup, activity, hidden or activity.hidden)
        if added is not None:
            backup.draft.links[f"moodle-module/{activity.module}"] = added
    elif activity.kind not in SILENT:
        noted = NOTED.get(activity.kind, saying.of(saying.UNKNOWN, activity.kind))
        backup.draft.lost(activity.title, noted)
        backup.opening(activity, hidden=hidden or activity.hidden)


def _plain(draft: Drafting, html: str) -> str:
    """HTML as one plain line: summaries hold no markup."""
    return " ".join(draft.markdown(html, where=draft.title).replace("\\", "").split()) if html else ""


def _report(draft: Drafting) -> None:
    if any(PERSONAL.search(path) for path in draft.contents.files):
        draft.lost(draft.title, saying.PEOPLE)
    if draft.contents.has("gradebook.xml"):
        draft.lost(draft.title, saying.GRADING)
    if any("/blocks/" in path for path in draft.contents.files):
        draft.lost(draft.title, saying.SETTINGS)
