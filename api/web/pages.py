"""The web pages: every router mounted, templates warmed, errors as pages."""

from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.web import (
    account,
    assets,
    assistant,
    catalogue,
    course,
    covers,
    forms,
    lesson,
    rendering,
    sessions,
    teach_courses,
    teach_imports,
    teach_lessons,
    teach_questions,
)

ROUTERS = (
    assets.router,
    covers.router,
    catalogue.router,
    sessions.router,
    account.router,
    course.router,
    lesson.router,
    assistant.router,
    teach_courses.router,
    teach_imports.router,
    teach_lessons.router,
    teach_questions.router,
)


def install(app: FastAPI) -> None:
    """Mount the pages on `app` and make it answer people's mistakes with pages."""
    rendering.warm()
    assets.assets()
    for router in ROUTERS:
        app.include_router(router)
    app.state.error_page = error_page


def error_page(request: Request, problem: dict[str, Any]) -> Response:
    """What a person sees instead of a problem document. Someone not logged in is led to the login page and back."""
    if problem["status"] == 401:
        return rendering.redirect(rendering.login_address(request), notice="login-first")
    words = rendering.words(request, None)
    shown = {
        **problem,
        "title": words.gettext(forms.TITLES.get(problem["status"], problem["title"])),
        "detail": words.gettext(forms.REFUSALS.get(problem["code"], problem["detail"])),
    }
    return rendering.page(request, None, "error.html", status=problem["status"], problem=shown)
