"""`mwalimu ask`."""

from typing import Any

import httpx
from rich.console import Console
from rich.markdown import Markdown

from api.cli.console import CommandFailed, checked


def ask(client: httpx.Client, course: str, question: str, *, language: str = "") -> dict[str, Any]:
    """One answer, as the API gives it. CommandFailed without a question."""
    if not question.strip():
        raise CommandFailed('There is no question. Write one in quotes: mwalimu ask COURSE "How do I ...?"')
    body = {"question": question} | ({"language": language} if language else {})
    answer: dict[str, Any] = checked(client.post(f"/courses/{course}/assistant/questions", json=body))
    return answer


def show(out: Console, answer: dict[str, Any]) -> None:
    """The answer and its sources, for a person."""
    out.print(Markdown(answer["answer"]))
    out.print()
    for citation in answer["citations"]:
        place = f", page {citation['page']}" if citation["page"] else ""
        path = citation["source_path"] or ""
        anchor = f"#{citation['anchor']}" if citation["anchor"] else ""
        out.print(
            f"[{citation['number']}] {citation['lesson_title']}{place}  {path}{anchor}", markup=False, style="bold"
        )
        out.print(f"    “{' '.join(citation['quote'].split())}”", markup=False)
    for near in answer["suggestions"]:
        out.print(f"→ {near['lesson_title']}", markup=False)
