"""People who earn, and those who look after the finances, over HTTP: for tests of revenue and payouts."""

from typing import Any

from fastapi.testclient import TestClient

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.service import AccountKind
from lms_core.kit.context import Database, system_actor
from lms_core.kit.money import Currency
from tests.factories.people import Person

API = "/api/v1"
Headers = dict[str, str]
PHONE = {"details": {"way": "phone", "name": "Wanjiku Mwalimu", "phone": "0712 345 678"}}
BANK = {"details": {"way": "bank", "name": "=Wanjiku", "bank": "Equity", "branch": "", "account": "0123 4567 8901"}}


def set_shares(client: TestClient, finance: Headers, course: str, **percents: float) -> None:
    """Give people (by address) these percents of a course."""
    shares = [{"email": email, "basis_points": round(percent * 100)} for email, percent in percents.items()]
    answer = client.put(f"{API}/finance/revenue/shares/{course}", json={"shares": shares}, headers=finance)
    assert answer.status_code == 200, answer.text


def balance(client: TestClient, headers: Headers) -> dict[str, int]:
    """What somebody earns in shillings, by kind; nothing at all is all zero."""
    found = client.get(f"{API}/earnings", headers=headers).json()["balances"]
    empty = {"held": 0, "due": 0, "under_way": 0, "paid": 0}
    return {name: value for name, value in (found[0] if found else empty).items() if name != "currency"}


def pay_to(client: TestClient, headers: Headers, details: dict[str, Any]) -> None:
    """Say where somebody is paid out."""
    answer = client.put(f"{API}/earnings/payout-details", json=details, headers=headers)
    assert answer.status_code == 200, answer.text


def books(database: Database, person: Person) -> dict[str, int]:
    """Signed balances of the ledger in shillings, those with something in them; the earner's by kind."""
    with database.read(system_actor(person.tenant_id)) as ctx:
        assert not ledger.check(ctx)
        kinds = {kind.value: "" for kind in AccountKind} | {"instructor": str(person.id)}
        found = {kind: ledger.balance(ctx, AccountKind(kind), Currency.KES, owner) for kind, owner in kinds.items()}
    return {kind: amount for kind, amount in found.items() if amount}
