"""Jupyter notebooks to Markdown: text cells as they are, code fenced, outputs short."""

import json
import re
from typing import Any

from ingestion.readers.front_matter import first_heading
from ingestion.readers.schemas import Limits, ReadDocument, Unreadable
from ingestion.readers.sniffing import IPYNB
from ingestion.readers.text import decode, fence

MAX_OUTPUT_LINES = 20
MAX_OUTPUT_CHARS = 2000
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def read_notebook(data: bytes, *, name: str, limits: Limits) -> ReadDocument:
    """A notebook's cells (nbformat 3 and 4). Raises Unreadable(corrupt, no_text)."""
    try:
        notebook = json.loads(decode(data))
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        language = _language(notebook)
        blocks = [block for cell in cells for block in _cell(cell, language)]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        reason = "The file is not a whole Jupyter notebook. Open it in Jupyter, save it again and import that."
        raise Unreadable("corrupt", reason) from error
    if not blocks:
        raise Unreadable("no_text", "The notebook has no text and no code. Add some cells, then import it again.")
    body = "\n\n".join(blocks) + "\n"
    return ReadDocument(first_heading(body) or name, body, None, None, IPYNB)


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata") or {}
    found = (metadata.get("language_info") or {}).get("name") or (metadata.get("kernelspec") or {}).get("language")
    return found if isinstance(found, str) and re.fullmatch(r"[\w+#-]{1,30}", found) else "python"


def _cell(cell: dict[str, Any], language: str) -> list[str]:
    source = _text(cell.get("source", cell.get("input", "")))
    if not source.strip():
        return []
    kind = cell.get("cell_type")
    if kind in ("markdown", "heading"):
        # A cell's pictures live inside the notebook: without them only the alternative text is of use.
        text = re.sub(r"!\[([^\]]*)\]\(attachment:[^)]*\)", r"\1", source).strip()
        return [f"{'#' * int(cell.get('level', 1))} {text}" if kind == "heading" else text]
    if kind != "code":
        return [fence(source)]
    outputs = "\n".join(_output(output) for output in cell.get("outputs") or []).strip("\n")
    shown = _short(ANSI.sub("", outputs))
    return [fence(source, language), *([fence(shown, "output")] if shown.strip() else [])]


def _output(output: dict[str, Any]) -> str:
    if output.get("output_type") == "error":
        return f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
    data = output.get("data") or {}
    return _text(output.get("text") or data.get("text/plain") or "")


def _short(text: str) -> str:
    lines = text.split("\n")
    cut = "\n".join(lines[:MAX_OUTPUT_LINES])[:MAX_OUTPUT_CHARS]
    return cut if cut == text else f"{cut}\n…"


def _text(source: Any) -> str:
    return "".join(str(line) for line in source) if isinstance(source, list) else str(source)
