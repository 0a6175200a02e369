"""Every module that declares jobs or reacts to events, imported so that they are known."""

import importlib
import pkgutil

PACKAGES = ("lms_core", "rag", "proctoring", "ingestion", "workers")
DECLARING = ("handlers", "jobs")


def load() -> None:
    """Import each `handlers` and `jobs` module of the product."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
            if module.name.rsplit(".", 1)[-1] in DECLARING:
                importlib.import_module(module.name)
