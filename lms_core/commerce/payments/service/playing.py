"""The page of the provider in the house: what a payer sees and does there. What they do is told by a real callback."""

from urllib.parse import urlsplit

from lms_core.commerce.payments import queries
from lms_core.commerce.payments.gateways.sandbox import Sandbox
from lms_core.commerce.payments.models import ProviderAccount
from lms_core.commerce.payments.service import callbacks
from lms_core.commerce.payments.service.accounts import SANDBOX, gateways_of, opened
from lms_core.commerce.sandbox.schemas import Act, ChargeView
from lms_core.kit.context import Database, Resources, system_actor


def charge(database: Database, token: str) -> ChargeView:
    """The charge of a page. ChargeNotFound."""
    return _gateway(database.resources).bank.by_token(token)


def press(database: Database, token: str, act: Act, *, pin: str = "") -> ChargeView:
    """What the payer does; the shop is called back before this returns. ChargeNotFound, ChargeEnded, WrongPin."""
    gateway = _gateway(database.resources)
    done = gateway.bank.act(token, act, pin=pin)
    with database.read(system_actor(done.tenant_id)) as view:
        row = queries.find(view, ProviderAccount, ProviderAccount.id == done.account)
        if row is None:
            return done
        account, now = opened(view, row).account, view.now
    place = urlsplit(account.callback_url).path.rsplit("/", 1)[1]
    callbacks.receive(database, gateway=SANDBOX, token=place, callback=gateway.callback(account, done, now))
    return done


def _gateway(resources: Resources) -> Sandbox:
    gateway = gateways_of(resources)[SANDBOX]
    assert isinstance(gateway, Sandbox)
    return gateway
