"""Starting is quick: what is heavy is imported where it is first used."""

import json
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "langchain",
    "langchain_core",
    "qdrant_client",
    "qdrant_edge",
    "cv2",
    "ultralytics",
    "stripe",
)


@pytest.mark.parametrize("modules", ["api.main, api.cli", "migrations"])
def test_importing_loads_nothing_heavy(modules: str) -> None:
    program = f"import json, sys; import {modules}; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [], "import it inside the function that needs it"
