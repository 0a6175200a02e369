"""Background work of deletions: what is due is begun every hour; one account is deleted slice by slice."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.access import service as access
from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.accounts import letters
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.erasure import service
from lms_core.identity.erasure.models import PENDING, AccountDeletion
from lms_core.identity.tenants import service as tenants
from lms_core.kit import personal
from lms_core.kit.context import Work, WriteCtx, system_actor
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage

ERASE = "erasure.erase"
AT_ONCE = 500


@every(timedelta(hours=1), "erasure.begin_due", queue="idle")
def begin_due(work: Work) -> None:
    """Enqueue the deletion of every account whose 14 days are over."""
    with work.read() as view:
        due = view.session.execute(
            select(AccountDeletion.id, AccountDeletion.tenant_id)
            .where(AccountDeletion.due_at <= view.now, PENDING)
            .order_by(AccountDeletion.due_at)
            .limit(AT_ONCE)
        ).all()
    for row in due:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            ctx.enqueue(ERASE, deletion_id=str(row.id))


@job(ERASE, queue="heavy")
def erase(work: Work, *, deletion_id: str) -> None:
    """Delete what every slice holds, a transaction each; then the last letter; then the account itself.

    Safe to repeat at any point: the letter, which needs the address, goes out before the address does.
    """
    user_id = _take(work, UUID(deletion_id))
    if user_id is None:
        return
    parts = list(personal.DECLARED.values())
    for part in parts:
        _prepare(work, part, user_id)
    for part in parts:
        work.check_stop()
        with work.write() as ctx:
            personal.erase(ctx, part, user_id)
    letter = _last_letter(work, user_id)
    work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]
    with work.write() as ctx:
        row = _pending(ctx, UUID(deletion_id))
        if row is None:
            return
        accounts.anonymise(ctx, user_id=user_id)
        row.done_at = ctx.now
        audit.record(ctx, action="deletion.done", object=("user", user_id))
        work.finish(ctx)


def _take(work: Work, deletion_id: UUID) -> UUID | None:
    """Whose account it is, closed from now on so that nobody comes back to half an account.

    None when it was cancelled meanwhile, or when it became the last administrator's: then it is cancelled here.
    """
    with work.write() as ctx:
        row = _pending(ctx, deletion_id)
        if row is None or row.due_at > ctx.now:
            return None
        try:
            access.ensure_admin_beside(ctx, user_id=row.user_id)
        except LastAdmin:
            service.keep(ctx, user_id=row.user_id)
            return None
        accounts.set_disabled(ctx, user_id=row.user_id, disabled=True)
        return row.user_id


def _prepare(work: Work, part: personal.Personal, user_id: UUID) -> None:
    """Delete a slice's files, before the rows that name them, so that none is left behind."""
    with work.read() as view:
        files = part.files(view, user_id)
    for key in files:
        work.resources.get(Storage).delete(key)  # type: ignore[type-abstract]
    with work.write() as ctx:
        part.first(ctx, user_id)


def _last_letter(work: Work, user_id: UUID) -> Letter:
    with work.read() as view:
        account = accounts.account(view, user_id=user_id)
        origin = tenants.origin(view, public_url=view.resources.get(Settings).public_url)
    return letters.write(
        "deletion_done",
        to=account.email,
        name=account.full_name,
        language=account.language,
        origin=origin,
        link=f"{origin}/register",
    )


def _pending(ctx: WriteCtx, deletion_id: UUID) -> AccountDeletion | None:
    row: AccountDeletion | None = ctx.session.execute(
        select(AccountDeletion).where(AccountDeletion.id == deletion_id, PENDING).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return row
