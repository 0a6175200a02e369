"""Background work of accounts: letters, and forgetting old links.

A token is made by the job that mails it, so that no job row ever carries one;
the transaction that stores its hash ends before the mail server is spoken to.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.accounts import letters, links
from lms_core.identity.accounts.models import AccountLink, LinkPurpose, User
from lms_core.identity.accounts.schemas import Facts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, Work
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.settings import Settings

MAIL_VERIFICATION = "accounts.mail_verification"
MAIL_RESET = "accounts.mail_reset"
MAIL_WARNING = "accounts.mail_warning"
MAIL_INVITATION = "accounts.mail_invitation"

PAGES = {
    LinkPurpose.VERIFY_EMAIL: "/verify-email",
    LinkPurpose.RESET_PASSWORD: "/reset-password",
    LinkPurpose.INVITATION: "/reset-password",
}
FORGOT_PAGE = "/forgot-password"
KEPT_AFTER_EXPIRY = timedelta(days=7)


@job(MAIL_VERIFICATION, queue="io")
def mail_verification(work: Work, *, user_id: str) -> None:
    """Mail the link that confirms an address, unless it is confirmed by now."""
    _mail_link(work, LinkPurpose.VERIFY_EMAIL, User.id == UUID(user_id), User.email_verified_at.is_(None))


@job(MAIL_RESET, queue="io")
def mail_reset(work: Work, *, email_key: str) -> None:
    """Mail the link that sets a new password, if anybody has this address."""
    _mail_link(work, LinkPurpose.RESET_PASSWORD, User.email_key == email_key)


@job(MAIL_INVITATION, queue="io")
def mail_invitation(work: Work, *, user_id: str) -> None:
    """Mail the link with which somebody whose account was made for them chooses a password."""
    _mail_link(work, LinkPurpose.INVITATION, User.id == UUID(user_id), User.password_hash.is_(None))


@job(MAIL_WARNING, queue="io")
def mail_warning(
    work: Work, *, user_id: str, kind: str, path: str = FORGOT_PAGE, facts: dict[str, str] | None = None
) -> None:
    """Tell a person what happened to their account (`kind` as in `letters.KINDS`), with a link to `path`.

    `facts` are those of `Facts`.
    """
    with work.read() as ctx:
        user = ctx.session.execute(select(User).where(User.id == UUID(user_id))).scalar_one_or_none()
        if user is None:
            return
        seen = Facts(**{**facts, "at": datetime.fromisoformat(facts["at"])}) if facts else None
        letter = _letter(ctx, user, kind, path, seen)
    work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]


def _mail_link(work: Work, purpose: LinkPurpose, *conditions: bool) -> None:
    with work.write() as ctx:
        wanted = select(User).where(User.disabled_at.is_(None), User.is_service.is_(False), *conditions)
        user = ctx.session.execute(wanted).scalar_one_or_none()
        if user is None or links.too_many(ctx, user_id=user.id, purpose=purpose):
            return
        link_id, token = links.issue(ctx, user=user, purpose=purpose)
        letter = _letter(ctx, user, purpose, f"{PAGES[purpose]}?token={token}")
    try:
        work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]
    except OSError:  # nobody has this link: it must not count against the hourly limit of the next try
        with work.write() as ctx:
            ctx.session.execute(delete(AccountLink).where(AccountLink.id == link_id))
        raise


def _letter(ctx: ReadCtx, user: User, kind: str, path: str, facts: Facts | None = None) -> Letter:
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    seen = letters.told(facts, language=user.language, time_zone=user.time_zone) if facts is not None else ""
    return letters.write(
        kind, to=user.email, name=user.full_name, language=user.language, origin=origin, link=origin + path, facts=seen
    )


@every(timedelta(hours=12), "accounts.forget_old_links")
def forget_old_links(work: Work) -> None:
    """Delete links a week after they expired, in every institution."""
    with work.write() as ctx:
        ctx.session.execute(delete(AccountLink).where(AccountLink.expires_at < ctx.now - KEPT_AFTER_EXPIRY))
