"""Facts about the ledger."""

from typing import ClassVar

from lms_core.kit.events import Event


class LedgerBroken(Event):
    """A check found breaches that the one before did not. Carries a Notice for who reads finance (variable: count)."""

    name: ClassVar[str] = "ledger.broken"
    breaches: int
