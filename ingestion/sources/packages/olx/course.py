"""The outline of an OLX course: chapters, sequences and units to modules, lessons and quizzes."""

from typing import Any

from ingestion.readers import Unreadable
from ingestion.readers.serving import Progress
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted, Drafting, joined
from ingestion.sources.packages.olx.blocks import Block, Blocks
from ingestion.sources.packages.olx.units import Unit, read_unit

OUTLINE = frozenset({"chapter", "sequential", "vertical"})
NOT_SHOWN = (".css", ".js", ".srt", ".sjson", ".vtt")  # style and scripts; transcripts are in the lessons
NOT_LEARNED = frozenset({"wiki", "course_info", "static_tab", "textbook", "pdf_textbook", "html_textbook"})


def convert(contents: Contents, *, name: str, progress: Progress) -> Converted:
    """The course or content library in `contents`, whose course.xml or library.xml lies at the top."""
    if contents.has("course.xml"):
        return _course(contents, name, progress)
    return _library(contents, name, progress)


def _library(contents: Contents, name: str, progress: Progress) -> Converted:
    root = contents.xml("library.xml")
    title = root.get("display_name") or name
    prefix = f"olx-{root.get('org', '')}-{root.get('library', '')}"
    draft = Drafting(contents, kind="olx", prefix=prefix, title=title, language="")
    blocks = Blocks(draft, policies={})
    draft.module(title)
    unit = Unit(title)
    children = markup.children(root)
    for done, element in enumerate(children):
        progress(done, len(children), title)
        block = blocks.open(element, within=title)
        if block is not None:
            read_unit(blocks, block, unit)
    _write(draft, "library", title, unit, hidden=False)
    return draft.finished()


def _course(contents: Contents, name: str, progress: Progress) -> Converted:
    pointer = contents.xml("course.xml")
    run = pointer.get("url_name") or "course"
    policies = _policies(contents, run)
    told = policies.get(f"course/{run}") if isinstance(policies.get(f"course/{run}"), dict) else {}
    path = f"course/{run}.xml"
    root = contents.xml(path) if not len(pointer) and contents.has(path) else pointer
    title = str(root.get("display_name") or told.get("display_name") or pointer.get("course") or name)
    language = str(root.get("language") or told.get("language") or "")
    prefix = f"olx-{pointer.get('org', '')}-{pointer.get('course', '')}-{run}"
    draft = Drafting(contents, kind="olx", prefix=prefix, title=title, language=language)
    draft.summary = _about(draft)
    _report_settings(draft)
    blocks = Blocks(draft, policies=policies)
    chapters = markup.children(root)
    for done, element in enumerate(chapters):
        if markup.local(element) in NOT_LEARNED:
            continue
        block = blocks.open(element, within=title)
        if block is None:
            continue
        progress(done, len(chapters), block.title)
        draft.module(block.title or title)
        _walk(draft, blocks, block, names=[], depth=0, hidden=block.hidden)
    draft.kept_files += [
        path for path in contents.files if path.startswith("static/") and not path.lower().endswith(NOT_SHOWN)
    ]
    return draft.finished()


def _walk(draft: Drafting, blocks: Blocks, block: Block, *, names: list[str], depth: int, hidden: bool) -> None:
    """Units below a chapter, named after their sequence too where that says more."""
    if block.kind == "chapter" or (block.kind == "sequential" and depth < 12):
        own = [*names, block.title] if block.kind == "sequential" and block.title else names
        loose = Unit(block.title or draft.title)
        for each in blocks.inside(block):
            if each.kind in OUTLINE:
                _walk(draft, blocks, each, names=own, depth=depth + 1, hidden=hidden or block.hidden)
            else:
                read_unit(blocks, each, loose)
        _write(draft, f"{block.kind}/{block.name}", block.title, loose, hidden=hidden or block.hidden)
        return
    title = block.title or (names[-1] if names else draft.title)
    if names and names[-1].casefold() != title.casefold():
        title = f"{names[-1]}: {title}"
    unit = Unit(title)
    read_unit(blocks, block, unit)
    _write(draft, f"{block.kind}/{block.name}", title, unit, hidden=hidden or block.hidden)


def _write(draft: Drafting, path: str, title: str, unit: Unit, *, hidden: bool) -> None:
    body = joined(unit.parts)
    added: str | None = None
    if body:
        added = draft.lesson(path, title, body, folder="", hidden=hidden)
    if unit.questions:
        named = draft.quiz_beside(title) if body else title
        quiz = draft.quiz(f"{path}/quiz", named, unit.questions, hidden=hidden)
        added = added or quiz
    for name in (path.rpartition("/")[2], *unit.names):
        if added is not None and name:
            draft.links[f"jump_to_id/{name}"] = added


def _policies(contents: Contents, run: str) -> dict[str, Any]:
    path = f"policies/{run}/policy.json"
    try:
        values = contents.values(path) if contents.has(path) else {}
    except Unreadable:
        return {}
    return values if isinstance(values, dict) else {}


def _about(draft: Drafting) -> str:
    """What the course says of itself, as one paragraph of plain text."""
    for path in ("about/short_description.html", "about/overview.html"):
        if draft.contents.has(path):
            try:
                html = draft.contents.text(path)
            except Unreadable:
                draft.lost(path, saying.DAMAGED)
                continue
            text = " ".join(draft.markdown(html, where=path).split())
            if text:
                return text.replace("\\", "")
    return ""


def _report_settings(draft: Drafting) -> None:
    paths = draft.contents.files
    if any(path.startswith(("info/", "wiki/", "tabs/", "textbooks/")) for path in paths):
        draft.lost(draft.title, saying.COURSE_PARTS)
    if any(path.endswith("grading_policy.json") for path in paths):
        draft.lost(draft.title, saying.GRADING)
    if any(path.startswith("policies/") for path in paths):
        draft.lost(draft.title, saying.SETTINGS)
