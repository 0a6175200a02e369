"""Question banks of other systems in and out: Moodle XML, GIFT, Aiken, missing word, cloze text, QTI 2.1 and 1.2.

Pure: bytes in, a `ReadBank` out, and back. Files are nobody's friend: every parser works within limits, and what
cannot be carried is told by name, never dropped in silence.
"""

from ingestion.questions.reading import read
from ingestion.questions.report import Effect, ReportLine, told
from ingestion.questions.schemas import Format, ReadBank, ReadQuestion, Written
from ingestion.questions.writing import write

__all__ = ["Effect", "Format", "ReadBank", "ReadQuestion", "ReportLine", "Written", "read", "told", "write"]
