"""The files of a backup: kept under their SHA-1, found by where their activity uses them."""

import re
from html import unescape

from ingestion.readers import Unreadable
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting

HASH = re.compile(r"[0-9a-f]{40}")
PLUGIN_FILE = re.compile(r"@@PLUGINFILE@@/?", re.I)
# $@PAGEVIEWBYID*12@$ and its like: an address of an activity, by its module's id.
VIEW = re.compile(r"\$@[A-Z]+VIEWBYID\*(\d+)@\$", re.I)
SHARED = ("question",)  # components whose files are told apart by item, not only by area


def name_files(draft: Drafting) -> None:
    """Let each file be found at `pluginfile/<context>/<component>/<area>[/<item>]/<its name>`."""
    contents = draft.contents
    if not contents.has("files.xml"):
        return
    try:
        root = contents.xml("files.xml")
    except Unreadable:
        draft.lost(draft.title, saying.of(saying.DAMAGED, "files.xml"))
        return
    for element in markup.children(root, "file"):
        digest, name = markup.said(element, "contenthash"), markup.said(element, "filename")
        if not HASH.fullmatch(digest) or name in ("", "."):
            continue
        kept = contents.find(f"files/{digest[:2]}/{digest}")
        component, area = markup.said(element, "component"), markup.said(element, "filearea")
        if kept is None or component.startswith(("user", "assignsubmission", "backup")):
            continue  # what people handed in is not the course's
        folder = place(markup.said(element, "contextid"), component, area, markup.said(element, "itemid"))
        path = f"{folder}{markup.said(element, 'filepath') or '/'}{name}"
        if ".." not in path.split("/"):
            contents.name(path, contents.files[kept])
            draft.kept_files.append(path)


def place(context: str, component: str, area: str, item: str = "0") -> str:
    """The folder in which the files of an area are found."""
    itemised = component in SHARED or area in ("chapter", "page_contents", "entry")
    return f"pluginfile/{context}/{component}/{area}" + (f"/{item}" if itemised else "")


def relinked(html: str, folder: str) -> str:
    """HTML with Moodle's own addresses as paths inside the package; `folder` holds the files of its area."""
    html = PLUGIN_FILE.sub(f"/{folder}/", html)
    return VIEW.sub(r"/moodle-module/\1", unescape(html) if "&#64;&#64;" in html else html)
