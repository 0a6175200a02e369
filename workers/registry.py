"""Every module that declares jobs or personal data, or reacts to events, imported so that they are known."""

import importlib
import pkgutil

PACKAGES = ("lms_core", "rag", "proctoring", "ingestion", "workers")
DECLARING = ("handlers", "jobs", "personal")


def load() -> None:
    """Import each `handlers`, `jobs` and `personal` module of the product."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
            if module.name.rsplit(".", 1)[-1] in DECLARING:
                importlib.import_module(module.name)
