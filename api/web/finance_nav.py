"""The finance pages in groups, each with its own tabs. A new page is one more line here."""

from dataclasses import dataclass, replace

from lms_core.kit.context import Actor
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


@dataclass(frozen=True, slots=True)
class Group:
    """Tabs that belong together; the group's own link leads to the first."""

    label: str
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The groups, as the head of a finance page shows them."""

    groups: tuple[Group, ...]

    def for_actor(self, actor: Actor) -> tuple[Group, ...]:
        """The groups with the tabs that `actor` may open; those without any are left out."""
        allowed = (
            replace(group, tabs=tuple(tab for tab in group.tabs if actor.may(tab.right))) for group in self.groups
        )
        return tuple(group for group in allowed if group.tabs)

    def group_of(self, key: str) -> Group:
        """The group of a page, by its tab's key. KeyError."""
        for group in self.groups:
            if any(tab.key == key for tab in group.tabs):
                return group
        raise KeyError(key)


TABS = Navigation(
    (
        Group(_("Overview"), (Tab("overview", "/finance", _("Overview")),)),
        Group(
            _("Sales"),
            (
                Tab("orders", "/finance/orders", _("Orders")),
                Tab("payments", "/finance/payments", _("Payments")),
                Tab("refunds", "/finance/refunds", _("Refunds")),
                Tab("documents", "/finance/documents", _("Documents")),
            ),
        ),
        Group(
            _("Offers"),
            (
                Tab("products", "/finance/products", _("Products")),
                Tab("plans", "/finance/plans", _("Plans")),
                Tab("coupons", "/finance/coupons", _("Coupons")),
                Tab("taxes", "/finance/taxes", _("Taxes")),
            ),
        ),
        Group(
            _("Reconciliation"),
            (
                Tab("reconciliation", "/finance/reconciliation", _("Comparisons")),
                Tab("differences", "/finance/reconciliation/differences", _("Differences")),
                Tab("deposits", "/finance/reconciliation/deposits", _("Money to match")),
                Tab("slips", "/finance/reconciliation/slips", _("Bank slips")),
                Tab("messages", "/finance/reconciliation/messages", _("Providers' messages")),
            ),
        ),
        Group(
            _("Payouts"),
            (
                Tab("payouts", "/finance/payouts", _("Payouts")),
                Tab("shares", "/finance/payouts/shares", _("Shares of courses")),
                Tab("affiliates", "/finance/affiliates", _("Affiliates")),
            ),
        ),
        Group(
            _("Ledger"),
            (
                Tab("ledger", "/finance/ledger", _("Ledger accounts")),
                Tab("transactions", "/finance/ledger/transactions", _("Transactions")),
                Tab("trial", "/finance/ledger/trial-balance", _("Trial balance")),
                Tab("check", "/finance/ledger/check", _("Check of the books")),
            ),
        ),
        Group(
            _("Accounts"),
            (
                Tab("accounts", "/finance/accounts", _("Payment accounts"), Permission.FINANCE_MANAGE),
                Tab("bank", "/finance/bank-accounts", _("Bank account")),
            ),
        ),
    )
)
