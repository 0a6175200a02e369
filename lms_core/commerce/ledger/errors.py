"""Refusals of the ledger, and the bugs it stops."""

from lms_core.kit.errors import Conflict, Forbidden, NotFound, TooLarge


class Unbalanced(ValueError):
    """Lines that are no transaction: none, a zero, more than can be held, no zero in sum. A bug of whoever posts."""


class LedgerConflict(Conflict):
    """A key that names another transaction already."""

    code = "ledger_conflict"
    title = "This was written down differently before"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"The ledger has a transaction with the key {key!r} and other amounts. Nothing was written; "
            "correct the first one by a transaction with a key of its own."
        )


class AccountNotFound(NotFound):
    """No such account in this institution."""

    code = "ledger_account_not_found"
    title = "There is no such account here"

    def __init__(self) -> None:
        super().__init__("The ledger has no account with this id. Choose one from the list of accounts.")


class FinanceRightMissing(Forbidden):
    """Finance is for those who hold `finance:read`."""

    def __init__(self) -> None:
        super().__init__("Only people with the right to read finance see the books. Ask an administrator for it.")


class TooManyEntries(TooLarge):
    """A table of more entries than one file holds."""

    code = "ledger_too_many_entries"
    title = "These are too many entries for one file"

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"The time chosen has {count:,} entries; a file holds {most:,}. Choose a shorter time.")
