"""The reading process: documents whose parsers are risky, read in a child with limits on time and memory.

One child reads many files, one after the other.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingestion.readers.child import Child
from ingestion.readers.schemas import Image, Limits, ReadDocument


class ReaderProcess(Child):
    """A reader's child process. One thread may use it at a time."""

    def __init__(self, limits: Limits) -> None:
        super().__init__("ingestion.readers", limits)

    def read(self, path: Path, *, name: str) -> ReadDocument:
        """The document in the file. Raises Unreadable, `too_slow` past the time limit."""
        return _document(self.ask({"path": str(path), "name": name, "limits": asdict(self._limits)}))


def answer_line(document: ReadDocument) -> str:
    """The document as one line of JSON."""
    values = asdict(document)
    for image in values["images"]:
        image["content"] = base64.b64encode(image["content"]).decode()
    return json.dumps(values)


def _document(values: dict[str, Any]) -> ReadDocument:
    images = tuple(Image(i["name"], base64.b64decode(i["content"]), i["media_type"]) for i in values.pop("images"))
    return ReadDocument(**values, images=images)
