"""The web pages: every router mounted, templates warmed, errors as pages."""

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.mounting import mount
from api.web import (
    account,
    admin_audit,
    admin_catalogue,
    admin_letters,
    admin_people,
    admin_reviews,
    admin_roles,
    admin_rosters,
    announcements,
    api_keys,
    assets,
    assignments,
    assistant,
    attempt,
    catalogue,
    certificates,
    checkout,
    confirming,
    course,
    covers,
    devices,
    earnings,
    film,
    finance,
    finance_accounts,
    finance_affiliates,
    finance_bank,
    finance_deposits,
    finance_documents,
    finance_ledger,
    finance_orders,
    finance_payments,
    finance_payouts,
    finance_plans,
    finance_products,
    finance_reconciliation,
    finance_refunds,
    foreign_login,
    forms,
    grades,
    impersonating,
    invoices,
    lesson,
    notifications,
    own_data,
    own_supervision,
    paths,
    quiz,
    refusals,
    rendering,
    reviews,
    sandbox,
    seats,
    security,
    sessions,
    shop,
    staff_invitations,
    subscriptions,
    teach_announcements,
    teach_assignments,
    teach_banks,
    teach_cohorts,
    teach_copies,
    teach_courses,
    teach_drafts,
    teach_exchange,
    teach_gradebook,
    teach_imports,
    teach_lessons,
    teach_marking,
    teach_media,
    teach_paths,
    teach_proctoring,
    teach_question_drafts,
    teach_questions,
    teach_quiz_analysis,
    teach_quiz_rules,
    teach_quizzes,
    teach_regrading,
    teach_release,
    teach_schemes,
    teach_sections,
    teach_staff,
    verification,
)
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit import i18n
from lms_core.learning.release.errors import LessonLocked

ROUTERS = (
    catalogue.router,
    course.router,
    lesson.router,
    assets.router,
    covers.router,
    sessions.router,
    account.router,
    security.router,
    confirming.router,
    devices.router,
    api_keys.router,
    foreign_login.router,
    own_data.router,
    impersonating.router,
    admin_people.router,
    admin_roles.router,
    admin_catalogue.router,
    admin_audit.router,
    admin_rosters.router,
    admin_reviews.router,
    admin_letters.router,
    assistant.router,
    teach_courses.router,
    teach_copies.router,
    teach_paths.router,
    paths.router,
    teach_imports.router,
    teach_lessons.router,
    teach_drafts.router,
    teach_release.router,
    teach_cohorts.router,
    teach_media.router,
    film.router,
    teach_questions.router,
    teach_question_drafts.router,
    teach_proctoring.router,
    own_supervision.router,
    teach_quizzes.router,
    teach_exchange.router,
    teach_banks.router,
    teach_sections.router,
    teach_regrading.router,
    teach_quiz_analysis.router,
    teach_quiz_rules.router,
    quiz.router,
    attempt.router,
    teach_assignments.router,
    teach_schemes.router,
    teach_marking.router,
    assignments.router,
    grades.router,
    teach_gradebook.router,
    announcements.router,
    teach_announcements.router,
    reviews.router,
    teach_staff.router,
    staff_invitations.router,
    certificates.router,
    verification.router,
    seats.router,
    subscriptions.router,
    finance_plans.router,
    notifications.router,
    invoices.router,
    earnings.router,
    finance_documents.router,
    finance_payouts.router,
    sandbox.router,
    shop.router,
    checkout.router,
    finance_orders.router,
    finance_accounts.router,
    finance_bank.router,
    finance_affiliates.router,
    finance_payments.router,
    finance_refunds.router,
    finance_reconciliation.router,
    finance_deposits.router,
    finance_products.router,
    finance.router,
    finance_ledger.router,
)


def install(app: FastAPI) -> None:
    """Mount the pages on `app`, and make it answer people's mistakes with pages."""
    rendering.warm()
    assets.assets()
    for router in ROUTERS:
        mount(app, router)
    app.state.error_page = error_page
    app.state.error_detail = error_detail


def error_page(request: Request, problem: dict[str, Any]) -> Response:
    """What a person sees instead of a problem document. Someone not logged in is led to the login page and back."""
    if problem["status"] == 401:
        return rendering.redirect(rendering.login_address(request), notice="login-first")
    if problem["code"] == ConfirmFirst.code:
        return rendering.redirect(rendering.confirm_address(request))
    if problem["code"] == LessonLocked.code and problem.get("lesson_id"):  # its page tells why
        return rendering.redirect(f"/lessons/{problem['lesson_id']}")
    words = rendering.words(request, None)
    shown = {
        **problem,
        "title": words.gettext(forms.TITLES.get(problem["status"], problem["title"])),
        "detail": refusals.told(words, code=problem["code"], text=problem["detail"]),
    }
    return rendering.page(request, None, "error.html", status=problem["status"], problem=shown)


def error_detail(accepted: str, code: str, detail: str) -> str:
    """The `detail` of a problem document in a language of the interface, for callers whose `Accept-Language` asks."""
    language = i18n.negotiate(accepted)
    if language == i18n.DEFAULT_LANGUAGE:
        return detail
    return refusals.told(i18n.catalogue(rendering.FOLDER / "locales", language), code=code, text=detail)
