"""Background work of notifications: letters, one a job, and forgetting what was read long ago."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from lms_core.identity.accounts import service as accounts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, Work
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import AddressRefused, Letter, Mail
from lms_core.kit.settings import Settings
from lms_core.reach.notifications.models import DeliveryState, Notification, NotificationDelivery
from lms_core.reach.notifications.policies import why_not
from lms_core.reach.notifications.wording import GREETING, told

DELIVER = "notifications.deliver"
KEPT = timedelta(days=180)


@job(DELIVER, queue="io")
def deliver(work: Work, *, delivery_id: str) -> None:
    """Send one notification by mail, unless it was sent, or its reader has no confirmed address."""
    with work.read() as ctx:
        found = _letter(ctx, UUID(delivery_id))
    if isinstance(found, str):
        _note(work, UUID(delivery_id), DeliveryState.SKIPPED, found)
    elif found is not None:
        try:
            work.resources.get(Mail).send(found)  # type: ignore[type-abstract]
        except AddressRefused as error:
            _note(work, UUID(delivery_id), DeliveryState.FAILED, str(error))
        except OSError as error:
            last = work.job.attempts >= work.job.attempts_allowed
            _note(work, UUID(delivery_id), DeliveryState.FAILED if last else DeliveryState.QUEUED, str(error))
            raise
        else:
            _note(work, UUID(delivery_id), DeliveryState.SENT)


@every(timedelta(hours=12), "notifications.forget_old")
def forget_old(work: Work) -> None:
    """Delete notifications after half a year, in every institution."""
    with work.write() as ctx:
        ctx.session.execute(delete(Notification).where(Notification.created_at < ctx.now - KEPT))


def _letter(ctx: ReadCtx, delivery_id: UUID) -> Letter | str | None:
    """The letter to send, why there is none to send, or None when nothing is left to do."""
    row = ctx.session.execute(
        select(Notification)
        .join(NotificationDelivery, NotificationDelivery.notification_id == Notification.id)
        .where(NotificationDelivery.id == delivery_id, NotificationDelivery.state == DeliveryState.QUEUED)
    ).scalar_one_or_none()
    if row is None:
        return None
    person = next(iter(accounts.addressees(ctx, [row.user_id])), None)
    refusal = why_not(person)
    if person is None or refusal:
        return refusal
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    words = told(row.kind, row.variables, language=person.language)
    body = GREETING["sw" if person.language == "sw" else "en"].format(
        name=person.full_name, text=words.text, link=origin + words.path, origin=origin
    )
    return Letter(to=person.email, subject=words.title, body=body)


def _note(work: Work, delivery_id: UUID, state: DeliveryState, error: str = "") -> None:
    with work.write() as ctx:
        ctx.session.execute(
            update(NotificationDelivery)
            .where(NotificationDelivery.id == delivery_id)
            .values(state=state, error=error[:300], updated_at=ctx.now)
        )
