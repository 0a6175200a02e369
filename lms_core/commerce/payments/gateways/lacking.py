"""What a gateway answers where its provider does not do something; `Capabilities` says so beforehand."""

from lms_core.commerce.payments.gateways.port import (
    Account,
    Begun,
    GatewayError,
    Movement,
    PayoutAsk,
    SavedCharge,
    State,
)


class NoPayouts:
    """A provider through which no money is sent to phones."""

    title: str

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """Not through this gateway."""
        raise GatewayError(f"{self.title} sends no money to phones", reason="misconfigured")

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """Nothing was sent, so nothing is known."""
        return Movement(State.UNKNOWN, provider_ref, code="not_supported")


class NoSavedMethods:
    """A provider that asks the payer every time."""

    title: str

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Not through this gateway."""
        raise GatewayError(f"{self.title} keeps no payment methods: ask the payer again", reason="misconfigured")
