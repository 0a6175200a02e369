"""What tests of imports share: a small course, and requests about imports."""

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from lms_core.content.courses.models import Lesson
from lms_core.kit.context import system_actor
from workers.runtime import Runtime

Headers = dict[str, str]
FRONT = "---\ntitle: Water\nslug: clean-water\n---\n# Water\n\nHow to keep water clean at home, in two parts.\n"
COURSE = {
    "water/README.md": FRONT,
    "water/1-boil/README.md": "# Boiling\n\nBring water to a rolling boil for one minute. ![Pot](pot.png)",
    "water/1-boil/pot.png": "\x89PNG\r\n\x1a\n",
    "water/2-filter/README.md": "# Filters\n\nA clean cloth holds back the mud, never the germs.",
}


def post(
    client: TestClient, headers: Headers, files: dict[str, str | bytes], *, to: str = "imports", **fields: Any
) -> Any:
    """Upload `files` by their path inside the course."""
    parts = [("files", (path.rsplit("/", 1)[-1], data if isinstance(data, bytes) else data.encode("latin-1")))
             for path, data in files.items()]  # fmt: skip
    return client.post(f"/api/v1/{to}", headers=headers, files=parts, data={"paths": list(files), **fields})


def view(client: TestClient, headers: Headers, import_id: str) -> Any:
    answer = client.get(f"/api/v1/imports/{import_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def stored(runtime: Runtime) -> dict[str, int]:
    """Source path and present version of every lesson there is."""
    with runtime.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(Lesson.source_path, Lesson.version).order_by(Lesson.source_path))
        return {row.source_path: row.version for row in rows}


def count(runtime: Runtime, table: Any) -> int:
    with runtime.database.read(system_actor()) as ctx:
        found: int = ctx.session.execute(select(func.count()).select_from(table)).scalar_one()
    return found
