"""The YAML between two `---` lines at the head of a Markdown file."""

import re
from typing import Any

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
MAX_CHARS = 50_000
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
SETEXT = re.compile(r"^ {0,3}(?:=+|-{3,})[ \t]*$")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|</?[A-Za-z][^>]*>|\{#[^}]*\}")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def split(text: str) -> tuple[dict[str, Any], str]:
    """The front matter as a mapping (empty when absent or not YAML) and the text after it."""
    found = FRONT_MATTER.match(text)
    if found is None or len(found.group(1)) > MAX_CHARS:
        return {}, text
    values = safe_yaml(found.group(1))
    if not isinstance(values, dict):
        return {}, text
    return {str(key): value for key, value in values.items()}, text[found.end() :]


def safe_yaml(text: str) -> Any:
    """The plain data in `text`, or None when it is no YAML or uses anchors (which can inflate without end)."""
    import yaml  # only files with front matter need it

    if len(text) > MAX_CHARS * 4 or re.search(r"(?:^|[\s\[{,:-])\*\w", text):
        return None
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def first_heading(body: str) -> str | None:
    """The text of the first heading outside code, without markup; level 1 before any other."""
    fallback: str | None = None
    fence: str | None = None
    previous = ""
    for line in body.split("\n"):
        mark = FENCE.match(line)
        if mark:
            fence = None if fence and mark.group(1).startswith(fence) else fence or mark.group(1)
            continue
        if fence:
            continue
        found = HEADING.match(line)
        if found and (text := heading_text(found.group(1))):
            if line.lstrip().startswith("# "):
                return text
            fallback = fallback or text
        elif SETEXT.match(line) and previous.strip() and "=" in line:
            return heading_text(previous)
        previous = line
    return fallback


def heading_text(markdown: str) -> str:
    """A heading's words without links, pictures, emphasis and escapes."""
    text = LINK.sub(r"\1", MARKUP.sub("", markdown))
    text = re.sub(r"(\*\*|__|`)", "", text)
    text = re.sub(r"(?<!\\)\*([^*]+)\*", r"\1", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).strip()
