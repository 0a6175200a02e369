"""The tabs of the finance pages. A new page is one more line here."""

from dataclasses import dataclass

from lms_core.kit.permissions import Permission


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Tab:
    """A page, or several, that one link leads to, for those who hold `right` in the institution."""

    key: str
    path: str
    label: str
    right: Permission = Permission.FINANCE_READ


TABS = (
    Tab("overview", "/finance", _("Overview")),
    Tab("orders", "/finance/orders", _("Orders")),
    Tab("payments", "/finance/payments", _("Payments")),
    Tab("refunds", "/finance/refunds", _("Refunds")),
    Tab("reconciliation", "/finance/reconciliation", _("Reconciliation")),
    Tab("payouts", "/finance/payouts", _("Payouts")),
    Tab("documents", "/finance/documents", _("Documents")),
    Tab("ledger", "/finance/ledger", _("Ledger")),
    Tab("products", "/finance/products", _("Products")),
    Tab("coupons", "/finance/coupons", _("Coupons")),
    Tab("taxes", "/finance/taxes", _("Taxes")),
    Tab("plans", "/finance/plans", _("Plans")),
    Tab("accounts", "/finance/accounts", _("Payment accounts"), Permission.FINANCE_MANAGE),
)
