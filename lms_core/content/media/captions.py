"""Captions: WebVTT or SubRip in, plain WebVTT out (W3C WebVTT, sections 4 and 6).

Only cue times and text are carried over: no styles, regions, settings, voices or
tags, so nothing in a caption file can restyle the page or reach out of it. A cue
keeps its line breaks and, of tags, none; text in angle brackets that is no tag of
captions stays as text, escaped.
"""

import re
from dataclasses import dataclass

from lms_core.content.media.errors import CaptionRefused

MAXIMUM_BYTES = 1_000_000
MAXIMUM_CUES = 20_000
LONGEST_CUE = 2_000
TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})[ \t]*-->[ \t]*(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
TAG = re.compile(r"</?(?:[biuc]|ruby|rt|v|lang|font|\d[\d:.]*)(?:[ .\t][^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SKIPPED = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words shown from `start` to `end` (seconds); `text` is plain, lines parted by a line feed."""

    start: float
    end: float
    text: str


def clean(content: bytes) -> str:
    """The captions as WebVTT of our own making. CaptionRefused when they are none or too many."""
    if len(content) > MAXIMUM_BYTES:
        raise CaptionRefused("A caption file has at most 1 MB.")
    found = cues(_decoded(content))
    if not found:
        raise CaptionRefused("There is no line with times such as 00:01.000 --> 00:04.000. Save it as WebVTT or SRT.")
    if len(found) > MAXIMUM_CUES:
        raise CaptionRefused(f"There are more than {MAXIMUM_CUES} captions. Cut the video in parts.")
    return written(found)


def cues(text: str) -> list[Cue]:
    """The cues of WebVTT or SubRip text in order of their times; what is no cue is left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    found = []
    for block in re.split(r"\n[ \t]*\n", lines):
        if block.lstrip("\ufeff\n ").startswith(SKIPPED):
            continue
        times = TIMES.search(block)
        if times is None:
            continue
        start, end = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
        rest = block[times.end() :].partition("\n")[2]  # what follows on the line are settings
        shown = [CONTROL.sub("", TAG.sub("", line)).strip() for line in rest.split("\n")]
        words = "\n".join(line for line in shown if line)[:LONGEST_CUE].replace("-->", "→")
        if words and end > start:
            found.append(Cue(start, end, _unescaped(words)))
    return sorted(found, key=lambda cue: (cue.start, cue.end))


def written(found: list[Cue]) -> str:
    """WebVTT that holds exactly these cues."""
    parts = ["WEBVTT"]
    for cue in found:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{_clock(cue.start)} --> {_clock(cue.end)}\n{text}")
    return "\n\n".join(parts) + "\n"


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what old SubRip files are written in


def _unescaped(text: str) -> str:
    for name, char in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&")):
        text = text.replace(name, char)
    return text.replace("-->", "→")


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
