"""The verbs of payments."""

from lms_core.commerce.payments.service.accounts import (
    access_account,
    account_names,
    change_account,
    check_account,
    gateway_titles,
    list_accounts,
    list_gateways,
    save_account,
)
from lms_core.commerce.payments.service.asking import ask_again
from lms_core.commerce.payments.service.banking import (
    bank_account_for,
    bank_accounts,
    forget_bank_account,
    set_bank_account,
)
from lms_core.commerce.payments.service.callbacks import receive, receive_all, receive_bare
from lms_core.commerce.payments.service.deposits import access_deposit, intent_named
from lms_core.commerce.payments.service.deposits import match as match_deposit
from lms_core.commerce.payments.service.deposits import send_back as return_deposit
from lms_core.commerce.payments.service.intents import (
    access_intent,
    cancel,
    forget_method,
    methods,
    of_purpose,
    open_intent,
    saved_methods,
    view,
    views,
)
from lms_core.commerce.payments.service.lists import (
    access_payment,
    access_run,
    list_callbacks,
    list_deposits,
    list_disputes,
    list_manual,
    list_mismatches,
    list_payments,
    list_payouts,
    list_refunds,
    list_runs,
    overview,
    replay_callback,
)
from lms_core.commerce.payments.service.manual import LARGEST as LARGEST_SLIP
from lms_core.commerce.payments.service.manual import decide as decide_manual
from lms_core.commerce.payments.service.manual import hand_in as hand_in_slip
from lms_core.commerce.payments.service.manual import slip_of, slips_of
from lms_core.commerce.payments.service.paying import ask_phone, charge_saved, pay
from lms_core.commerce.payments.service.payouts import payouts_of, send_payout
from lms_core.commerce.payments.service.reconciling import resolve_mismatch, start_reconciliation
from lms_core.commerce.payments.service.refunds import ask_refund
from lms_core.commerce.payments.service.refunds import finish_by_hand as finish_refund
from lms_core.commerce.payments.service.telling import bought_twice as note_bought_twice

__all__ = [
    "LARGEST_SLIP",
    "access_account",
    "access_deposit",
    "access_intent",
    "access_payment",
    "access_run",
    "account_names",
    "ask_again",
    "ask_phone",
    "ask_refund",
    "bank_account_for",
    "bank_accounts",
    "cancel",
    "change_account",
    "charge_saved",
    "check_account",
    "decide_manual",
    "finish_refund",
    "forget_bank_account",
    "forget_method",
    "gateway_titles",
    "hand_in_slip",
    "intent_named",
    "list_accounts",
    "list_callbacks",
    "list_deposits",
    "list_disputes",
    "list_gateways",
    "list_manual",
    "list_mismatches",
    "list_payments",
    "list_payouts",
    "list_refunds",
    "list_runs",
    "match_deposit",
    "methods",
    "note_bought_twice",
    "of_purpose",
    "open_intent",
    "overview",
    "pay",
    "payouts_of",
    "receive",
    "receive_all",
    "receive_bare",
    "replay_callback",
    "resolve_mismatch",
    "return_deposit",
    "save_account",
    "saved_methods",
    "send_payout",
    "set_bank_account",
    "slip_of",
    "slips_of",
    "start_reconciliation",
    "view",
    "views",
]
