"""What a file is written in, told by its content, and the parser for that."""

import re

from ingestion.questions import aiken, gift, moodle_xml, multianswer, qti12, qti21, qti_package
from ingestion.questions.schemas import ReadBank
from ingestion.questions.trees import Element, parse, text_of
from ingestion.readers import Unreadable
from ingestion.readers.sniffing import actual_kind
from ingestion.readers.text import decode

LARGEST = 25 * 1024 * 1024  # bytes of an upload
MOST_CHARACTERS = 10_000_000  # of a text file
MARKUP = re.compile(r"\s*<[?!A-Za-z]")
TAKEN = "Moodle XML, GIFT, Aiken, Moodle's cloze text, QTI 2.1 (items or a package) or QTI 1.2 (Blackboard, Canvas)"


def read(data: bytes, *, name: str) -> ReadBank:
    """The questions in a file, with what could not be carried.

    `name` is for messages; the content says what it is. Unreadable (too_large, empty, wrong_type, corrupt, encrypted,
    unsupported) when nothing of it can be read.
    """
    if len(data) > LARGEST:
        raise Unreadable("too_large", f"The file is larger than {LARGEST // 2**20} MB. Export fewer questions at once.")
    if not data.strip():
        raise Unreadable("empty", "The file is empty. Check that it was saved and copied whole, then import it again.")
    kind = actual_kind(data)
    if kind == "a ZIP archive":
        return qti_package.read(data)
    if kind is not None and kind != "an HTML page":
        raise Unreadable("wrong_type", f"“{name[:80]}” is {kind}. Questions are read from {TAKEN}.")
    text = decode(data)
    if MARKUP.match(text):
        return from_tree(parse(data))
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("too_large", "The text is longer than ten million characters. Import it in parts.")
    if aiken.looks_like(text):
        return aiken.read(data)
    if multianswer.looks_like(text):
        return multianswer.read(data)
    if "{" in text:
        return gift.read(data)
    raise Unreadable("wrong_type", f"No question was found in “{name[:80]}”. Questions are read from {TAKEN}.")


def from_tree(root: Element) -> ReadBank:
    """The questions of a parsed XML document. Unreadable when it holds none."""
    match str(root.tag):
        case "quiz":
            return moodle_xml.from_tree(root)
        case "questestinterop":
            return qti12.from_tree(root)
        case "assessmentItem":
            return qti21.from_tree(root)
        case "assessmentTest":
            return qti21.test_alone(root)
        case "manifest":
            reason = "This is the list of a package without the package. Import the whole ZIP file."
            raise Unreadable("wrong_type", reason)
        case "GLOSSARY":
            entries = len(root.findall("INFO/ENTRIES/ENTRY"))
            told = f"“{text_of(root, 'INFO/NAME')[:80]}” is a glossary of {entries} entries, not a question bank."
            raise Unreadable("wrong_type", f"{told} Export the questions instead.")
    raise Unreadable("wrong_type", f"This is XML of another kind (<{str(root.tag)[:40]}>). Questions come in {TAKEN}.")
