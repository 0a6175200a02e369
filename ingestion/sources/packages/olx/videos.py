"""Videos of a unit: a link to each, and its transcript as text that can be read and cited."""

import json
import re
from html import unescape

from ingestion.readers import Unreadable
from ingestion.readers.text import escape, escape_inline
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import joined
from ingestion.sources.packages.olx.blocks import Block, Blocks
from ingestion.sources.packages.pages import page_link
from lms_core.content.media.captions import cues

SECONDS_APART = 4.0  # a longer pause in a transcript begins a paragraph
PARAGRAPH_CHARS = 700


def read_video(blocks: Blocks, block: Block, where: str) -> str:
    """A link to the video and the words of its transcript, as Markdown."""
    element, title = block.element, escape_inline(block.title or "Video")
    youtube = element.get("youtube_id_1_0") or (element.get("youtube") or "").partition(":")[2].partition(",")[0]
    sources = [source.get("src") or "" for source in markup.children(element, "source")]
    addresses = [f"https://youtu.be/{youtube}"] if re.fullmatch(r"[\w-]{6,20}", youtube) else []
    addresses += [each for each in sources if re.match(r"https?://", each)]
    lines = [page_link(title, each) for each in addresses[:1]]
    if not lines:
        blocks.draft.lost(where, saying.of(saying.NO_FILE, "video"))
    return joined([*lines, _transcript(blocks, block, where)])


def _transcript(blocks: Blocks, block: Block, where: str) -> str:
    """The words of a video in the course's language; "" and a line of the report when they are named but missing."""
    files = {each.get("language") or "": each.get("src") or "" for each in markup.children(block.element, "transcript")}
    try:
        listed = json.loads(block.element.get("transcripts") or "{}")
    except ValueError:
        listed = {}
    if isinstance(listed, dict):
        files = {str(language): str(file) for language, file in listed.items()} | files
    language = blocks.draft.language or "en"
    file = files.get(language) or next(iter(files.values()), "")
    if not file:
        return ""
    try:
        found = cues(blocks.draft.contents.text(f"static/{file}"))
    except Unreadable:
        found = []
    if not found:
        blocks.draft.lost(where, saying.of(saying.TRANSCRIPT, file))
        return ""
    paragraphs: list[list[str]] = [[]]
    end = found[0].end
    for cue in found:
        long = sum(map(len, paragraphs[-1])) > PARAGRAPH_CHARS
        ends_sentence = paragraphs[-1] and paragraphs[-1][-1].endswith((".", "!", "?"))
        if paragraphs[-1] and (cue.start - end > SECONDS_APART or (long and ends_sentence)):
            paragraphs.append([])
        paragraphs[-1].append(" ".join(unescape(cue.text).split()))
        end = cue.end
    return joined(["### Transcript", *(escape(" ".join(words)) for words in paragraphs)])
