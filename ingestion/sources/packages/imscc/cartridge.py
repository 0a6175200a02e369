"""A cartridge's organisation to modules, each resource by its type to a lesson, a quiz or a line of the report."""

import html
import re

from ingestion.readers import Unreadable
from ingestion.readers.serving import Progress
from ingestion.readers.text import escape_inline
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted, Drafting, joined, number
from ingestion.sources.packages.imscc.qti import read_assessment
from ingestion.sources.packages.manifest import Item, Manifest, Resource, modules_of, read_manifest
from ingestion.sources.packages.pages import page_link
from ingestion.sources.schemas import AssignmentDraft

PAGES = (".html", ".htm", ".xhtml")
# Where pages say their files are; Canvas and Moodle each write it in their own way.
FILE_BASE = re.compile(r"(?:\$|%24)IMS[-_]CC[-_]FILEBASE(?:\$|%24)/*(?:\.\./)*([^\"'?#<>]*)", re.I)
WIKI = re.compile(
    r"(?:\$|%24)(?:WIKI_REFERENCE|CANVAS_COURSE_REFERENCE)(?:\$|%24)/(?:pages|wiki)/([^\"'?#<>\s]+)", re.I
)
OBJECT = re.compile(r"(?:\$|%24)(?:CANVAS_OBJECT|CANVAS_COURSE)_REFERENCE(?:\$|%24)/(?:\w+/)*([\w-]*)", re.I)
WORKFLOW = re.compile(r"<meta\s+name=\"workflow_state\"\s+content=\"(\w+)\"", re.I)


def convert(contents: Contents, *, name: str, progress: Progress) -> Converted:
    """The course in the cartridge."""
    manifest = read_manifest(contents)
    prefix = f"cc-{manifest.name or name}"
    draft = Drafting(contents, kind="imscc", prefix=prefix, title=manifest.title or name, language=manifest.language)
    reader = _Cartridge(draft, manifest)
    modules = modules_of(manifest, title=draft.title)
    for done, (title, items) in enumerate(modules):
        progress(done, len(modules), title)
        draft.module(title)
        for item in items:
            reader.item(item)
    reader.rest()
    if manifest.cut:
        draft.lost(draft.title, saying.TOO_MANY)
    if contents.has("course_settings/course_settings.xml"):
        draft.lost(draft.title, saying.SETTINGS)
    return draft.finished()


class _Cartridge:
    """Reads resources, each once."""

    def __init__(self, draft: Drafting, manifest: Manifest) -> None:
        self._draft = draft
        self._manifest = manifest
        self._lessons: dict[str, str | None] = {}

    def item(self, item: Item, *, above: str = "", depth: int = 0, hidden: bool = False) -> None:
        """An item, then those below it, named after it too where it is no module of its own."""
        title = item.title or self._draft.title
        named = f"{above}: {title}" if above else title
        hidden = hidden or item.hidden
        if item.resource:
            found = self._manifest.resources.get(item.resource)
            if found is None or item.resource in self._lessons:
                self._draft.lost(named, saying.of(saying.BOOKMARK, item.resource))
            else:
                self._resource(found, named, hidden=hidden)
        for each in item.items:
            self.item(each, above=item.title if depth else "", depth=depth + 1, hidden=hidden)

    def rest(self) -> None:
        """What the organisation does not name: pages, discussions and quizzes, as a module at the end."""
        self._draft.kept_files += [
            path
            for each in self._manifest.resources.values()
            if each.type == "webcontent" and not each.href.lower().endswith(PAGES)
            for path in each.files
        ]
        left = [each for each in self._manifest.resources.values() if each.name not in self._lessons]
        wanted = [each for each in left if self._stands_alone(each)]
        if wanted:
            self._draft.module("More pages")
        for each in wanted:
            self._resource(each, self._title_of(each), hidden=False)
        for each in left:
            if "imsbasiclti" in each.type:
                self._draft.lost(self._title_of(each), saying.TOOL)

    def _stands_alone(self, resource: Resource) -> bool:
        if resource.type == "webcontent":
            return resource.href.lower().endswith(PAGES)
        marks = ("imsdt", "imsqti", "imswl", "assignment_xml")
        return _settings(resource) is not None or any(mark in resource.type for mark in marks)

    def _resource(self, resource: Resource, title: str, *, hidden: bool) -> None:
        draft, kind = self._draft, resource.type
        self._lessons[resource.name] = None
        try:
            if kind == "webcontent" or kind.startswith("associatedcontent") or "learning-application" in kind:
                added = self._web(resource, title, hidden=hidden)
            elif "imswl" in kind:
                added = self._link(resource, title, hidden=hidden)
            elif "imsdt" in kind:
                added = self._topic(resource, title, hidden=hidden)
            elif "imsqti" in kind:
                added = self._quiz(resource, title, hidden=hidden)
            elif "assignment" in kind:
                added = self._assignment(resource, title, hidden=hidden)
            else:
                draft.lost(title, saying.TOOL if "lti" in kind else saying.of(saying.UNKNOWN, kind))
                return
        except Unreadable:
            draft.lost(title, saying.of(saying.DAMAGED, resource.href or resource.name))
            return
        self._lessons[resource.name] = added
        if added is not None:
            draft.links[f"object/{resource.name}"] = added
            draft.links.setdefault(resource.href, added)

    def _web(self, resource: Resource, title: str, *, hidden: bool) -> str | None:
        draft = self._draft
        settings = _settings(resource)
        path = resource.href or next(iter(resource.files), "")
        if settings is not None:
            path = next((each for each in resource.files if each.lower().endswith(PAGES)), path)
            return self._canvas_assignment(resource, draft.contents.xml(settings), path, title, hidden=hidden)
        if not path.lower().endswith(PAGES):
            return draft.file(resource.name, title, path, hidden=hidden)
        text = draft.contents.text(path)
        state = WORKFLOW.search(text)
        closed = hidden or (state is not None and state.group(1).lower() != "active")
        body = draft.markdown(self._relinked(text), where=title)
        return draft.lesson(resource.name, title, body, folder=path.rpartition("/")[0], hidden=closed)

    def _link(self, resource: Resource, title: str, *, hidden: bool) -> str | None:
        address = next((each.get("href") or "" for each in markup.within(self._xml(resource), "url")), "")
        if not re.match(r"https?://", address):
            self._draft.lost(title, saying.of(saying.BOOKMARK, address))
            return None
        return self._draft.lesson(resource.name, title, page_link(escape_inline(title), address), hidden=hidden)

    def _topic(self, resource: Resource, title: str, *, hidden: bool) -> str | None:
        draft, root = self._draft, self._xml(resource)
        draft.lost(title, saying.DISCUSSION)
        body = draft.markdown(self._relinked(markup.said(root, "text")), where=title)
        attached = [each.get("href") or "" for each in markup.within(root, "attachment")]
        links = [draft.file_link(each.rpartition("/")[2], self._relinked(each).lstrip("/")) for each in attached]
        whole = joined([body, *links])
        return draft.lesson(resource.name, title, whole, hidden=hidden) if whole else None

    def _quiz(self, resource: Resource, title: str, *, hidden: bool) -> str | None:
        draft = self._draft
        found = read_assessment(draft, self._xml(resource), where=title, relinked=self._relinked)
        if next((each for each in markup.within(self._xml(resource), "assessment") if len(each) > 1), None) is not None:
            draft.lost(title, saying.RULES)
        return draft.quiz(resource.name, title, found, hidden=hidden) if found else None

    def _assignment(self, resource: Resource, title: str, *, hidden: bool) -> str | None:
        root = self._xml(resource)
        text = joined(
            self._draft.markdown(self._relinked(markup.said(each)), where=title)
            for each in markup.children(root, "instructor_text", "text")
        )
        gradable = markup.child(root, "gradable")
        points = number((gradable.get("points_possible") or "") if gradable is not None else "") or 100.0
        told = {(each.get("type") or "").lower() for each in markup.within(root, "format")}
        draft = AssignmentDraft(
            _points(points), takes_text=not told or bool(told & {"text", "html"}), takes_files="file" in told
        )
        return self._draft.lesson(resource.name, title, text, assignment=draft, hidden=hidden)

    def _canvas_assignment(
        self, resource: Resource, settings: markup.Element, path: str, title: str, *, hidden: bool
    ) -> str | None:
        text = self._draft.contents.text(path) if self._draft.contents.has(path) else ""
        told = markup.said(settings, "submission_types")
        draft = AssignmentDraft(
            _points(number(markup.said(settings, "points_possible")) or 100.0),
            takes_text="online_upload" not in told or "online_text_entry" in told,
            takes_files="online_upload" in told,
        )
        closed = hidden or markup.said(settings, "workflow_state") not in ("", "published")
        if markup.said(settings, "due_at"):
            self._draft.lost(title, saying.DATES)
        body = self._draft.markdown(self._relinked(text), where=title)
        folder = path.rpartition("/")[0]
        return self._draft.lesson(resource.name, title, body, folder=folder, assignment=draft, hidden=closed)

    def _relinked(self, text: str) -> str:
        """HTML with the cartridge's own addresses as paths inside the package."""
        text = WIKI.sub(r"/wiki_content/\1.html", FILE_BASE.sub(self._file, text))
        return OBJECT.sub(r"/object/\1", text)

    def _file(self, found: re.Match[str]) -> str:
        """Canvas keeps such files in a folder of their own, others at the top."""
        path = html.unescape(found.group(1))
        return f"/{path}" if self._draft.contents.has(path) else f"/web_resources/{path}"

    def _xml(self, resource: Resource) -> markup.Element:
        return self._draft.contents.xml(self._path(resource))

    def _path(self, resource: Resource) -> str:
        return resource.href or next((each for each in resource.files if each.lower().endswith(".xml")), "")

    def _title_of(self, resource: Resource) -> str:
        """The title that a resource outside of the organisation gives itself."""
        try:
            if resource.href.lower().endswith(PAGES) and _settings(resource) is None:
                found = re.search(r"<title[^<>]*>([^<>]*)</title", self._draft.contents.text(resource.href), re.I)
                return found.group(1).strip() if found else resource.name
            root = self._draft.contents.xml(_settings(resource) or self._path(resource))
            assessment = next(markup.within(root, "assessment", "objectbank"), None)
            titled = (assessment.get("title") or "") if assessment is not None else ""
            return titled or markup.said(root, "title") or resource.name
        except Unreadable:
            return resource.name


def _settings(resource: Resource) -> str | None:
    """The file in which Canvas keeps the rules of an assignment; None for what is no assignment of Canvas."""
    return next((each for each in resource.files if each.endswith("assignment_settings.xml")), None)


def _points(told: float) -> float:
    return min(max(round(told, 2), 0.01), 1000.0)
