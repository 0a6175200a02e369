"""Why something was flagged, in a sentence with its numbers, in the reader's language.

The English sentences are the keys of `proctoring/locales/<language>/LC_MESSAGES/messages.po`.
"""

from collections.abc import Mapping
from pathlib import Path

from lms_core.kit.i18n import catalogue
from proctoring.signals.schemas import Kind

LOCALES = Path(__file__).resolve().parents[1] / "locales"

TITLES: dict[Kind, str] = {
    Kind.NO_PERSON: "Nobody in the picture",
    Kind.SEVERAL_PERSONS: "Several persons",
    Kind.PHONE: "Possible phone",
    Kind.FORBIDDEN_MATERIAL: "Possible forbidden material",
    Kind.FACE_MISSING: "Face not found",
    Kind.FACE_COVERED: "Face hidden",
    Kind.FACE_TURNED: "Head turned away",
    Kind.GAZE_ASIDE: "Eyes aside",
    Kind.OTHER_PERSON: "Possibly another person",
    Kind.CAMERA_DARK: "Picture too dark",
    Kind.CAMERA_COVERED: "Camera covered",
    Kind.CAMERA_BLURRED: "Picture blurred",
    Kind.CAMERA_FROZEN: "Picture frozen",
    Kind.CAMERA_LOOPED: "Earlier pictures repeated",
    Kind.CAMERA_STOPPED: "Camera stopped",
    Kind.LEFT_PAGE: "Left the page",
    Kind.FULLSCREEN_LEFT: "Left full screen",
    Kind.COPY: "Copied text",
    Kind.PASTE: "Pasted text",
    Kind.PRINT: "Printed",
    Kind.DEVELOPER_TOOLS: "Developer tools, perhaps",
    Kind.SEVERAL_SCREENS: "More than one screen",
    Kind.SPEECH: "Speech",
    Kind.NETWORK_GAP: "Network lost",
    Kind.SNAPSHOTS_MISSING: "Snapshots missing",
}

REASONS: dict[Kind, str] = {
    Kind.NO_PERSON: "Neither a person nor a face was found in %(seen)s of %(looked)s pictures.",
    Kind.SEVERAL_PERSONS: "More than one person was found in %(seen)s of %(looked)s pictures.",
    Kind.PHONE: "Something that looks like a phone was found in %(seen)s of %(looked)s pictures.",
    Kind.FORBIDDEN_MATERIAL: "Material that the exam forbids seems visible in %(seen)s of %(looked)s pictures.",
    Kind.FACE_MISSING: "No face was found in %(seen)s of %(looked)s pictures. Light, camera angle or a bowed head "
    "are the usual causes; this is no misconduct by itself.",
    Kind.FACE_COVERED: "A person sat upright and no face was found in %(seen)s of %(looked)s pictures.",
    Kind.FACE_TURNED: "The head was turned %(yaw)s degrees sideways and %(pitch)s downwards on average, against "
    "the pre-check, in %(seen)s of %(looked)s pictures.",
    Kind.GAZE_ASIDE: "The eyes looked aside with the head still in %(seen)s of %(looked)s pictures.",
    Kind.OTHER_PERSON: "The face did not match the enrolled one (likeness %(similarity)s) in %(seen)s of "
    "%(looked)s pictures that could be compared.",
    Kind.CAMERA_DARK: "%(seen)s of %(looked)s pictures were too dark to judge (brightness %(brightness)s of 255).",
    Kind.CAMERA_COVERED: "%(seen)s of %(looked)s pictures showed almost nothing (contrast %(contrast)s).",
    Kind.CAMERA_BLURRED: "%(seen)s of %(looked)s pictures were too blurred to judge (sharpness %(sharpness)s).",
    Kind.CAMERA_FROZEN: "%(seen)s of %(looked)s pictures were the same as the one before (difference %(difference)s "
    "grey levels; a living picture differs by 1.6 or more).",
    Kind.CAMERA_LOOPED: "%(seen)s of %(looked)s pictures repeated an earlier one "
    "(difference %(difference)s grey levels).",
    Kind.CAMERA_STOPPED: "The camera or the shared screen gave no picture for %(seconds)s seconds.",
    Kind.LEFT_PAGE: "The exam page was left %(seen)s times within %(seconds)s seconds.",
    Kind.FULLSCREEN_LEFT: "Full screen was left for %(seconds)s seconds.",
    Kind.COPY: "%(characters)s characters were copied, %(seen)s times.",
    Kind.PASTE: "%(characters)s characters were pasted, %(seen)s times.",
    Kind.PRINT: "The page was printed, or its print dialog opened, %(seen)s times.",
    Kind.DEVELOPER_TOOLS: "The window changed its size as it does when developer tools open, %(seen)s times.",
    Kind.SEVERAL_SCREENS: "The browser said that the screen is extended by another one.",
    Kind.SPEECH: "Speech was heard %(seen)s times within %(seconds)s seconds. No sound was kept.",
    Kind.NETWORK_GAP: "The network was away for %(seconds)s seconds.",
    Kind.SNAPSHOTS_MISSING: "%(missing)s snapshots of the series never arrived.",
}

# For what happened a single time.
ONCE: dict[Kind, str] = {
    Kind.LEFT_PAGE: "The exam page was left once, for %(seconds)s seconds.",
    Kind.COPY: "%(characters)s characters were copied, once.",
    Kind.PASTE: "%(characters)s characters were pasted, once.",
    Kind.PRINT: "The page was printed, or its print dialog opened, once.",
    Kind.DEVELOPER_TOOLS: "The window changed its size as it does when developer tools open, once.",
    Kind.SPEECH: "Speech was heard once, within %(seconds)s seconds. No sound was kept.",
}

NOT_WATCHED: dict[str, str] = {
    "no_pictures": "No picture came.",
    "waiting": "Pictures came and still wait to be looked at.",
    "model_error": "Pictures came and could not be looked at.",
    "check_unavailable": "A check could not be made, since its model is not installed.",
    "no_contact": "The server heard nothing from the exam page.",
}

# `check_unavailable`, by the check whose model is not installed.
NOT_LOOKED: dict[str, str] = {
    "objects": "People and things were not looked for.",
    "faces": "Faces were not looked for.",
    "identity": "Faces were not compared.",
    "head": "Where the head points was not looked at.",
    "gaze": "Where the eyes look was not looked at.",
    "camera": "The camera was not checked.",
}

ADVICE: dict[str, str] = {
    "more_light": "It is very dark. Turn on a light, or turn so that a window lights your face.",
    "uncover_camera": "The camera seems covered. Look whether something lies over it.",
    "clean_lens": "The picture is blurred. Wipe the lens, or hold the camera still.",
    "show_face": "Your face cannot be seen. Move so that it is in the picture, or turn the camera a little.",
    "sit_in_view": "Nobody can be seen. Sit so that the camera sees you.",
}


def title(kind: str, *, language: str) -> str:
    """The short name of a kind."""
    return _translated(TITLES[Kind(kind)], language)


def reason(kind: str, numbers: Mapping[str, float], *, language: str) -> str:
    """The sentence of an anomaly with its numbers."""
    shown = {name: _number(name, value) for name, value in numbers.items()}
    known = Kind(kind)
    sentence = ONCE.get(known, REASONS[known]) if numbers.get("seen") == 1 else REASONS[known]
    return _translated(sentence, language) % _Shown(shown)


def _number(name: str, value: float) -> str:
    """Angles in whole degrees, sideways without a direction; everything else to two decimals at most."""
    if name in ("yaw", "pitch"):
        return str(round(abs(value) if name == "yaw" else value))
    return f"{round(value, 2):.12g}"


def gap_reason(key: str, *, check: str = "", language: str) -> str:
    """Why a span was not watched; for a single check, what was not looked for."""
    return _translated(NOT_LOOKED.get(check, NOT_WATCHED[key]), language)


def advice(key: str, *, language: str) -> str:
    """A hint for the taker."""
    return _translated(ADVICE[key], language)


def _translated(text: str, language: str) -> str:
    return catalogue(LOCALES, language).gettext(text)


class _Shown(dict[str, str]):
    """Numbers by name; one that an older rule did not count shows as a dash."""

    def __missing__(self, name: str) -> str:
        return "–"
