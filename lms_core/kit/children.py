"""Child processes that work on foreign files: what they are told of this server."""

import os


def bare_environment(**more: str) -> dict[str, str]:
    """Where programs lie, and `more`; no secret, since whoever takes such a child over reads all of it."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **more}
