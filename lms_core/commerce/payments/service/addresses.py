"""Whose account a callback came to. Looked up once in a few seconds, however many come."""

import time
from dataclasses import dataclass
from uuid import UUID

import structlog

from lms_core.commerce.payments import queries, sealing
from lms_core.commerce.payments.errors import AccountInvalid, UnknownAddress
from lms_core.commerce.payments.models import ProviderAccount
from lms_core.commerce.payments.service.accounts import Opened, opened
from lms_core.kit.context import Database, ReadCtx, system_actor
from lms_core.kit.db import EVERY_TENANT
from lms_core.kit.recent import Recent

SECONDS = 5.0  # how long an account that was changed may still be heard as it was; a forged verdict looks anew
ACCOUNTS = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """The account a callback came to."""

    tenant_id: UUID
    account_id: UUID
    opened: Opened


class Addresses:
    """The accounts of this process's callbacks by the hash of their address's token."""

    def __init__(self) -> None:
        self._known: Recent[tuple[float, Place]] = Recent(capacity=ACCOUNTS)

    def find(self, database: Database, gateway: str, token: str, *, anew: bool = False) -> Place:
        """The account at an address, as it was at most SECONDS ago; `anew`: as it is. UnknownAddress."""
        key = sealing.hashed(token)
        kept = None if anew else self._known.get(key)
        if kept is None or time.monotonic() - kept[0] > SECONDS:
            with database.read(system_actor(EVERY_TENANT)) as view:
                row = queries.find(view, ProviderAccount, ProviderAccount.token_hash == key)
                place = place_of(view, row) if row is not None else None
            if place is None:
                raise UnknownAddress()
            kept = (time.monotonic(), place)
            self._known.keep(key, kept)
        if kept[1].opened.account.gateway != gateway:
            raise UnknownAddress()
        return kept[1]


def place_of(ctx: ReadCtx, row: ProviderAccount) -> Place:
    """An account, ready to hear. UnknownAddress when it cannot be used."""
    try:
        return Place(row.tenant_id, row.id, opened(ctx, row))
    except AccountInvalid as error:
        log.error("payments.account_unusable", account_id=str(row.id), detail=error.detail)
        raise UnknownAddress("This account cannot be used now.") from error
