"""From a template to a response: the Jinja environment of each language, and what every page knows.

Pages read the interface language from a cookie, else the account, else
`Accept-Language`. A notice for the next page travels in a cookie as a code, so
nobody can make a page show their own words.
"""

from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api import csrf
from api.deps import SESSION_COOKIE, get_runtime
from api.web import amounts, assets, compiled, gaps, marks, refusals, teach_nav
from api.web.acting import acting_on
from api.web.notices import NOTICES
from api.web.phrases import Phrases
from api.web.reviewing import reviews
from lms_core.kit import i18n
from lms_core.kit.context import Actor
from lms_core.kit.permissions import STAFF_PERMISSIONS, Permission

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "mwalimu_language"
NOTICE_COOKIE = "mwalimu_notice"
NOTICE_SECONDS = 60
LANGUAGE_NAMES = {"en": "English", "sw": "Kiswahili"}
ADMINISTERING = (Permission.ACCOUNT_MANAGE, Permission.AUDIT_READ, Permission.CATALOGUE_EDIT)
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "dv", "yi"})


@cache
def environment(language: str) -> Environment:
    """Templates in one interface language; compiled once and kept."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        bytecode_cache=compiled.kept(language, i18n.phrases_file(FOLDER / "locales", language)),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", Phrases],
    )
    phrases = i18n.catalogue(FOLDER / "locales", language)
    made.extend(phrases=phrases)
    made.install_gettext_translations(phrases, newstyle=True)
    made.globals.update(teach_groups=teach_nav.groups_for, teach_group_of=teach_nav.group_of)
    made.globals.update(static=assets.url, language=language, language_names=LANGUAGE_NAMES, direction=direction)
    made.filters["day"] = lambda when: format_date(when, format="medium", locale=language)
    made.filters["moment"] = lambda when: format_datetime(when, "d MMM y, HH:mm", locale=language) + " UTC"
    made.filters["number"] = lambda value: format_decimal(value, locale=language)
    made.filters["money"] = lambda amount, currency: amounts.written(amount, currency, language)
    made.filters["language_name"] = language_name
    made.filters["country"] = lambda code: country_name(code, language)
    made.filters["refusal"] = lambda failure: refusals.told(phrases, code=failure.code, text=failure.reason)
    made.filters["told"] = lambda text: refusals.translated(phrases, text) or text
    made.filters["data_svg"] = lambda svg: "data:image/svg+xml," + quote(svg, safe="")
    made.filters["cited"] = marks.cited_html
    made.filters["passage"] = marks.passage_url
    made.filters["with_gaps"] = gaps.with_gaps
    made.filters["option_text"] = gaps.plain
    made.tests["marked_up"] = lambda html: "<" in html
    return made


@cache
def macros(language: str, template: str) -> Any:
    """The macros of a template, to call from Python: pieces of pages that are kept. They see no request."""
    return environment(language).get_template(template).module


def warm() -> None:
    """Compile every template in every language, so that no visitor waits for it."""
    for language in i18n.LANGUAGES:
        made = environment(language)
        for name in made.list_templates(extensions=["html"]):
            made.get_template(name)


def language_of(request: Request, actor: Actor | None) -> str:
    """The interface language of this request."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in i18n.LANGUAGES:
        return chosen
    if actor is not None and actor.user_id is not None and actor.language in i18n.LANGUAGES:
        return actor.language
    return i18n.negotiate(request.headers.get("accept-language", ""))


def words(request: Request, actor: Actor | None) -> NullTranslations:
    """The catalogue of this request's language, for what is said outside of templates."""
    return i18n.catalogue(FOLDER / "locales", language_of(request, actor))


def page(request: Request, actor: Actor | None, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render `template` for this request and actor."""
    language = language_of(request, actor)
    cookie = request.cookies.get(SESSION_COOKIE, "")
    notice = NOTICES.get(request.cookies.get(NOTICE_COOKIE, ""))
    teaches = actor is not None and may_teach(actor)
    html = (
        environment(language)
        .get_template(template)
        .render(
            actor=actor,
            signed_in=actor is not None and actor.user_id is not None,
            teaches=teaches,
            administers=actor is not None and any(map(actor.may, ADMINISTERING)),
            finances=actor is not None and actor.may(Permission.FINANCE_READ),
            acting=acting_on(request, actor),
            reviews=not teaches and reviews(request, actor),
            csrf_token=csrf.token_for(get_runtime(request).keys, cookie) if cookie else "",
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            notice=notice,
            **values,
        )
    )
    headers = {"Cache-Control": "private, no-store", "Vary": "Cookie, Accept-Language"}
    response = HTMLResponse(html, status_code=status, headers=headers)
    if notice is not None:
        response.delete_cookie(NOTICE_COOKIE)
    return response


def may_teach(actor: Actor) -> bool:
    """Whether the instructor pages are for this person: they may make courses, or belong to the staff of one."""
    return actor.may(Permission.COURSE_CREATE) or bool(actor.courses_with_any(STAFF_PERMISSIONS))


def redirect(to: str, *, notice: str | None = None) -> Response:
    """See Other, so that reloading the next page repeats nothing; `notice` is a key of NOTICES."""
    response = RedirectResponse(to, status_code=303)
    if notice is not None:
        assert notice in NOTICES
        response.set_cookie(NOTICE_COOKIE, notice, max_age=NOTICE_SECONDS, httponly=True, samesite="lax")
    return response


def local_path(target: str, *, otherwise: str = "/") -> str:
    """`target` when it is a path of this site, so that a login cannot lead elsewhere (CWE-601)."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and not parts.scheme and not parts.netloc else otherwise


def login_address(request: Request) -> str:
    """The login page that leads back to this one, or to the page whose form was sent."""
    return f"/login?next={_back(request)}"


def confirm_address(request: Request) -> str:
    """The page that asks for a fresh proof, and leads back in the same way."""
    return f"/confirm?next={_back(request)}"


def _back(request: Request) -> str:
    if request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        here = local_path(urlsplit(request.headers.get("referer", "")).path)
    return quote(here, safe="")


def direction(language: str) -> str:
    """The writing direction of a BCP 47 language, as `dir` wants it."""
    return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


@cache
def language_name(tag: str) -> str:
    """A language's name in that language (CLDR), or its tag."""
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        return tag
    return name[:1].upper() + name[1:] if name else tag


@cache
def country_name(code: str, language: str) -> str:
    """A country's name (CLDR) by its ISO 3166-1 alpha-2 code; the code when it is nobody's."""
    from babel import Locale

    name: str = Locale.parse(language).territories.get(code, code)
    return name
