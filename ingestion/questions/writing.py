"""A bank in the formats that can be written."""

from collections.abc import Callable

from ingestion.questions import aiken, gift_writing, moodle_writing, qti21_writing
from ingestion.questions.schemas import Format, ReadBank, Written

WRITERS: dict[Format, Callable[[ReadBank], Written]] = {
    Format.MOODLE_XML: moodle_writing.write,
    Format.GIFT: gift_writing.write,
    Format.QTI_21: qti21_writing.write,
    Format.AIKEN: aiken.write,
}


def write(bank: ReadBank, written_as: Format) -> Written:
    """The bank as a file of a format of `WRITERS`, with a report of what the format cannot hold."""
    return WRITERS[written_as](bank)
