"""The reading process for documents: one document a request."""

from pathlib import Path
from typing import Any

from ingestion.readers.process import answer_line
from ingestion.readers.reading import load, parse
from ingestion.readers.schemas import Limits
from ingestion.readers.serving import Progress, serve


def _answer(request: dict[str, Any], _progress: Progress) -> str:
    limits = Limits(**request["limits"])
    name = str(request["name"])
    data, kind = load(Path(str(request["path"])), name=name, limits=limits)
    return answer_line(parse(data, kind, name=name, limits=limits))


if __name__ == "__main__":
    serve(_answer)
