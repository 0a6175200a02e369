"""`mwalimu eval rag`: one report on how well a course answers a file of questions."""

import json
import re
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from api.cli.console import CommandFailed, checked

OUT_OF_SCOPE = "out-of-scope"
SHORT_FACT = 4  # a fact this short counts only as a whole word
TRANSLATION = re.compile(r"(^|/)translations/[A-Za-z-]+/")


def run(client: httpx.Client, questions: Path, course: str, *, quiet: bool) -> dict[str, Any]:
    """Ask every question; `questions, recall_at_1, ..., latency_ms` as the contract names them."""
    rows = _read(questions)
    texts = _lesson_texts(client, course)
    results = [_ask(client, course, row, texts) for row in track(rows, "Asking", disable=quiet)]
    answerable = [each for each in results if not each["out_of_scope"]]
    foreign = [each for each in results if each["out_of_scope"]]
    refused = [each for each in results if each["refused"]]
    citations = [verbatim for each in results for verbatim in each["verbatim"]]
    latencies = sorted(each["ms"] for each in results)
    return {
        "questions": len(results),
        "recall_at_1": _share(each["rank"] == 1 for each in answerable),
        "recall_at_5": _share(each["rank"] is not None and each["rank"] <= 5 for each in answerable),
        "mrr": round(statistics.fmean([1 / each["rank"] if each["rank"] else 0 for each in answerable] or [0]), 4),
        "answer_fact_rate": _share(each["fact"] for each in answerable if each["wants_fact"]),
        "refusal_precision": _share(each["out_of_scope"] for each in refused),
        "refusal_recall": _share(each["refused"] for each in foreign),
        "answered_rate": _share(not each["refused"] for each in answerable),
        "citation_verbatim_rate": _share(citations),
        "latency_ms": {"p50": _quantile(latencies, 0.5), "p95": _quantile(latencies, 0.95)},
    }


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{path} is not a file of JSON lines: {error}") from error
    if not rows or any("question" not in row for row in rows):
        raise CommandFailed(f"{path}: each line needs at least a `question`.")
    return rows


def _lesson_texts(client: httpx.Client, course: str) -> dict[str, str]:
    outline = checked(client.get(f"/courses/{course}"))
    ids = [lesson["id"] for module in outline["modules"] for lesson in module["lessons"]]
    return {each: checked(client.get(f"/lessons/{each}"))["text"] for each in ids}


def _ask(client: httpx.Client, course: str, row: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    started = time.perf_counter()
    answer = checked(client.post(f"/courses/{course}/assistant/questions", json={"question": row["question"]}))
    ms = (time.perf_counter() - started) * 1000
    found = checked(client.get(f"/courses/{course}/assistant/search", params={"q": row["question"], "limit": 5}))
    expected = row.get("expected_lesson_paths") or []
    facts = row.get("answer_facts") or []
    return {
        "out_of_scope": row.get("kind") == OUT_OF_SCOPE,
        "refused": answer["status"] == "refused",
        "rank": _rank([hit["source_path"] for hit in found["items"]], expected),
        "wants_fact": bool(facts),
        "fact": has_fact(answer["answer"], facts),
        "verbatim": [each["quote"] in texts.get(each["lesson_id"], "") for each in answer["citations"]],
        "ms": ms,
    }


def _rank(paths: list[str | None], expected: list[str]) -> int | None:
    for rank, path in enumerate(paths, start=1):
        if path is not None and TRANSLATION.sub(r"\1", path) in expected:
            return rank
    return None


def has_fact(answer: str, facts: list[str]) -> bool:
    """Whether the answer holds one of the accepted facts; short ones as whole words."""
    text = answer.casefold()
    return any(
        re.search(rf"\b{re.escape(fact.casefold())}\b", text) if len(fact) <= SHORT_FACT else fact.casefold() in text
        for fact in facts
    )


def _share(values: Iterable[bool]) -> float:
    listed = list(values)
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def _quantile(values: list[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(len(values) * share))], 1) if values else 0.0


def show(out: Console, report: dict[str, Any]) -> None:
    """The report as a table."""
    table = Table("measure", "value")
    for name, value in report.items():
        table.add_row(name, json.dumps(value))
    out.print(table)
