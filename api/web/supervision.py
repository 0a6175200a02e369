"""What the attempt page needs of supervision: the terms, the session, and every text its script may say."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import Request

from api.web.rendering import language_of, words
from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import AttemptStatus
from lms_core.learning.assessments.schemas import AttemptView
from proctoring.evidence import service as evidence
from proctoring.policies import service as policies
from proctoring.policies.errors import NotSupervised
from proctoring.policies.schemas import SupervisionView
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import SessionCard, SessionView
from proctoring.sessions.states import RUNNING, UNFINISHED

MATERIALS = {
    "phone": "a phone",
    "book": "books and paper",
    "laptop": "a laptop",
    "screen": "a second screen",
    "keyboard": "a keyboard",
    "remote": "a remote control",
}


def for_attempt(request: Request, ctx: ReadCtx, attempt: AttemptView) -> dict[str, Any]:
    """The values of `parts/supervision.html` for an attempt of one's own; nothing when it is not supervised."""
    nothing = {"supervision": None, "rest_session": "", "proctor_session": None, "behind_gate": False}
    if not attempt.supervised or attempt.user_id != ctx.actor.user_id:
        return nothing
    card = sessions.of_attempt(ctx, attempt.id)
    known = {**nothing, "proctor_session": card.id if card is not None else None}
    session = _session(ctx, card)
    if attempt.status not in (AttemptStatus.WAITING, AttemptStatus.OPEN):
        return {**known, "rest_session": _rest(session)}
    try:
        told = policies.supervision(ctx, attempt.quiz_id, language=language_of(request, ctx.actor))
    except NotSupervised:  # taken off the quiz meanwhile
        return known
    gettext = words(request, ctx.actor).gettext
    return {
        **known,
        "supervision": told,
        "time_limit_seconds": assessments.access_quiz(ctx, attempt.quiz_id).time_limit_seconds,
        "materials": [gettext(MATERIALS[each]) for each in told.allowed_materials],
        "supervision_config": json.dumps(_config(attempt, told, session)),
        "supervision_texts": json.dumps(texts(gettext)),
        "behind_gate": attempt.status == AttemptStatus.OPEN,
    }


def _session(ctx: ReadCtx, card: SessionCard | None) -> SessionView | None:
    if card is None or card.state not in UNFINISHED:
        return None
    return sessions.view(ctx, card.id, pictures=evidence.last_sequences(ctx, card.id))


def _config(attempt: AttemptView, told: SupervisionView, session: SessionView | None) -> dict[str, Any]:
    return {
        "attempt": str(attempt.id),
        "consent": {"version": told.consent.version, "hash": told.consent.hash},
        "identity": told.identity,
        "fullscreen": told.fullscreen,
        "microphone": told.microphone,
        "screen": told.screen,
        "session": session.model_dump(mode="json") if session is not None else None,
    }


def _rest(session: SessionView | None) -> str:
    """A session that still takes what waits in the browser, as JSON; empty without one."""
    return session.model_dump_json() if session is not None and session.state in RUNNING else ""


def texts(gettext: Callable[[str], str]) -> dict[str, Any]:
    """Every sentence the page's script says."""
    return {
        "agree_first": gettext("Tick every box to go on, or choose “Not now”."),
        "browser_good": gettext("It can do everything that is needed."),
        "browser_weak": gettext("A private window keeps nothing when it closes. Use a normal one if you can."),
        "network": gettext("The server answers in %s milliseconds."),
        "network_lost": gettext("The server does not answer. Check your connection."),
        "camera_good": gettext("It works: %s."),
        "camera": {
            "denied": gettext(
                "Your browser was told not to use it. Allow the camera beside the address, then try again."
            ),
            "none": gettext("No camera was found. Connect one, or use a phone with a camera."),
            "busy": gettext("Another program uses it. Close that program, then try again."),
            "insecure": gettext("The camera works only over https. Open this page by its https address."),
        },
        "light_good": gettext("Bright enough."),
        "face_good": gettext("One face is in the picture."),
        "microphone_good": gettext("It works. Say a word and see the bar move."),
        "microphone_none": gettext("No microphone was found. You may go on; a person will see that."),
        "screen_good": gettext("The screen is shared."),
        "screen_refused": gettext("The screen was not shared. Choose “Entire screen” in the window that opens."),
        "fullscreen_refused": gettext("The browser did not give the whole screen. Press the button again."),
        "identity_good": gettext("The photograph is taken."),
        "watching": gettext("Watched by your camera"),
        "catching_up": gettext("Sending: %s waiting"),
        "lost": gettext("No connection: %s kept on this device"),
        "sending_rest": gettext("Sending the last pictures …"),
        "advice": {
            "more_light": gettext("It is dark. Turn a lamp or a window towards your face."),
            "uncover_camera": gettext("Something covers the camera."),
            "clean_lens": gettext("The picture is blurred. Wipe the lens."),
            "show_face": gettext("Your face is not found. Sit facing the camera with light from the front."),
            "one_person": gettext("More than one face is in the picture. Sit alone, with no portraits behind you."),
            "sit_in_view": gettext("Sit where the camera sees you."),
        },
    }
