"""Real courses and documents for tests, when the shared folder is there."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("MWALIMU_SHARED_DIR", Path(__file__).resolve().parents[2] / "shared"))


def shared(path: str) -> Path:
    """The shared file or folder `path` (relative to the shared folder), or a skip that says why."""
    found = ROOT / path
    if not found.exists():
        pytest.skip(f"shared material is absent: {path} (set MWALIMU_SHARED_DIR)")
    return found
