r"""GIFT's control characters: a backslash keeps `~ = # { } :` from being any, `\n` is a line break, `\\` a backslash.

Between taking escapes away and splitting, each escaped character is a private one.
"""

import re

CONTROLS = "~=#{}:"
HIDDEN = {each: chr(0xE500 + place) for place, each in enumerate([*CONTROLS, "\n", "\\"])}
SHOWN = {hidden: each for each, hidden in HIDDEN.items()}
ESCAPED = re.compile(r"\\([~=#{}:n\\])")
TO_ESCAPE = re.compile(r"[~=#{}:\\]")
FORMAT = re.compile(r"\[(html|moodle|powereduc|plain|markdown)\]")


def hide(text: str) -> str:
    """The text with each escaped character as a private one."""
    plain = "".join(each for each in text if each not in SHOWN)
    return ESCAPED.sub(lambda found: HIDDEN["\n" if found.group(1) == "n" else found.group(1)], plain)


def show(text: str) -> str:
    """The text with private characters as what they stand for."""
    return "".join(SHOWN.get(each, each) for each in text)


def escape(text: str) -> str:
    """The text on one line without a control character."""
    return TO_ESCAPE.sub(r"\\\g<0>", text.replace("\r", "")).replace("\n", "\\n")


def taken_apart(text: str, default: str) -> tuple[str, str]:
    """The format that a hidden text names, or the default one, and the text itself, shown."""
    found = FORMAT.match(text.strip())
    if found is None:
        return default, show(text.strip()).strip()
    return found.group(1), show(text.strip()[found.end() :]).strip()
