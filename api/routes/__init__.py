"""Every JSON route, mounted under /api/v1."""

from fastapi import APIRouter

from api.routes.assistant import conversations, faq, questions, search
from api.routes.content import courses, files, lessons, modules
from api.routes.identity import admin, auth, people, users
from api.routes.ingestion import imports
from api.routes.learning import enrolments, progress

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    users.router,
    admin.router,
    people.router,
    courses.router,
    modules.router,
    lessons.router,
    files.router,
    enrolments.router,
    progress.router,
    questions.router,
    conversations.router,
    faq.router,
    search.router,
    imports.router,
)
