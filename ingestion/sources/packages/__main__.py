"""The process that turns packages into courses: one package a request."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ingestion.readers.serving import Progress, serve
from ingestion.sources.packages import h5p, imscc, moodle, olx, scorm
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted

CONVERTERS = {
    "olx": olx.convert,
    "imscc": imscc.convert,
    "scorm": scorm.convert,
    "moodle": moodle.convert,
    "h5p": h5p.convert,
}
ADAPTER: TypeAdapter[Converted] = TypeAdapter(Converted)


def _answer(request: dict[str, Any], progress: Progress) -> str:
    convert = CONVERTERS[str(request["kind"])]
    converted = convert(Contents(Path(str(request["root"]))), name=str(request["name"]), progress=progress)
    return ADAPTER.dump_json(converted).decode()


if __name__ == "__main__":
    serve(_answer)
