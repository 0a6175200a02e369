"""Writing in the ledger: the only way in."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.ledger.errors import LedgerConflict, Unbalanced
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import MAX_AMOUNT, Currency

Place = tuple[str, str, str]  # kind, owner, currency: what names an account

LONGEST_DESCRIPTION = 500


def post(
    ctx: WriteCtx, *, key: str, kind: str, subject: tuple[str, UUID], description: str, lines: Sequence[Line]
) -> UUID:
    """Write a balanced transaction at `ctx.now` and give its id; its accounts are opened where they are new.

    The caller has checked who may. `key` makes it safe to repeat: with the same kind, subject and lines in any order
    the first transaction's id comes back and nothing is written, with others it is LedgerConflict. Unbalanced, a bug
    and no refusal, for lines that are no transaction. Four statements, one for a repetition, more for new accounts.
    """
    _require_names(key, kind, subject[0])
    require_balance(lines)
    print_of_lines = fingerprint((each.kind, each.owner, each.currency, each.amount) for each in lines)
    known = _known(ctx, key)
    if known is None:
        accounts = _accounts(ctx, sorted({(each.kind.value, each.owner, each.currency.value) for each in lines}))
        row = LedgerTransaction(
            key=key,
            kind=kind,
            subject_kind=subject[0],
            subject_id=subject[1],
            description=description[:LONGEST_DESCRIPTION],
            lines=len(lines),
            fingerprint=print_of_lines,
            at=ctx.now,
        )
        if _insert(ctx, row):
            _write_entries(ctx, row, lines, accounts)
            return row.id
        known = _known(ctx, key)  # somebody else posted it at the same moment, on PostgreSQL
        assert known is not None
    same = (known.kind, known.subject_kind, known.subject_id) == (kind, *subject)
    if not same or known.fingerprint != print_of_lines:
        raise LedgerConflict(key)
    return known.id


def require_balance(lines: Sequence[Line]) -> None:
    """Unbalanced unless the lines are a transaction: two or more, none zero or beyond MAX_AMOUNT, in sum zero."""
    if len(lines) < 2:
        raise Unbalanced(f"a transaction has two lines at least, not {len(lines)}")
    sums: dict[Currency, int] = defaultdict(int)
    for each in lines:
        if type(each.amount) is not int or each.amount == 0 or abs(each.amount) > MAX_AMOUNT:
            raise Unbalanced(f"{each.amount!r} is no amount of an entry")
        if len(each.owner) > 80:
            raise Unbalanced("an owner has 80 characters at most")
        sums[each.currency] += each.amount
    wrong = {currency.value: amount for currency, amount in sums.items() if amount}
    if wrong:
        raise Unbalanced(f"the lines do not add up to zero: {wrong}")


def fingerprint(lines: Iterable[tuple[str, str, str, int]]) -> str:
    """SHA-256 of (kind, owner, currency, amount) of each line, in whatever order they come."""
    written = sorted(f"{kind}\x1f{owner}\x1f{currency}\x1f{amount}" for kind, owner, currency, amount in lines)
    return hashlib.sha256("\x1e".join(written).encode()).hexdigest()


def _require_names(key: str, kind: str, subject_kind: str) -> None:
    for name, longest in ((key, 200), (kind, 60), (subject_kind, 60)):
        if not 0 < len(name) <= longest:
            raise ValueError(f"{name!r} is empty or longer than {longest} characters")


def _known(ctx: WriteCtx, key: str) -> LedgerTransaction | None:
    wanted = select(LedgerTransaction).where(LedgerTransaction.key == key)
    row: LedgerTransaction | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def _insert(ctx: WriteCtx, row: LedgerTransaction) -> bool:
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
            return True
    except IntegrityError:
        return False


def _accounts(ctx: WriteCtx, places: Sequence[Place]) -> dict[Place, UUID]:
    """The account at each place; what is missing is opened, in the order given, so that no two writers deadlock."""
    found = _existing(ctx, places)
    for place in places:
        if place not in found:
            found |= {place: _open(ctx, place)}
    return found


def _open(ctx: WriteCtx, place: Place) -> UUID:
    kind, owner, currency = place
    row = LedgerAccount(kind=AccountKind(kind), owner=owner, currency=Currency(currency), opened_at=ctx.now)
    try:
        with ctx.session.begin_nested():
            return ctx.add(row).id
    except IntegrityError:  # opened by somebody else at the same moment, on PostgreSQL
        return _existing(ctx, [place])[place]


def _existing(ctx: WriteCtx, places: Sequence[Place]) -> dict[Place, UUID]:
    kinds, owners = {kind for kind, _, _ in places}, {owner for _, owner, _ in places}
    rows = ctx.session.execute(
        select(LedgerAccount.kind, LedgerAccount.owner, LedgerAccount.currency, LedgerAccount.id).where(
            LedgerAccount.kind.in_(sorted(kinds)), LedgerAccount.owner.in_(sorted(owners))
        )
    )
    wanted = set(places)
    return {tuple(row[:3]): row[3] for row in rows if tuple(row[:3]) in wanted}


def _write_entries(ctx: WriteCtx, row: LedgerTransaction, lines: Sequence[Line], accounts: dict[Place, UUID]) -> None:
    ctx.session.add_all(
        LedgerEntry(
            transaction_id=row.id,
            account_id=accounts[each.kind.value, each.owner, each.currency.value],
            amount=each.amount,
            at=row.at,
        )
        for each in lines
    )
    ctx.session.flush()
