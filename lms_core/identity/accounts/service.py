"""Verbs on accounts: register, profile, confirming an address, passwords, closing.

Who may do it is checked by the callers in `access` and `auth`, except where a
person acts on their own account.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from lms_core.identity.accounts import addresses, jobs, links, passwords
from lms_core.identity.accounts.errors import EmailTaken
from lms_core.identity.accounts.events import AccountDisabled, EmailVerified, PasswordChanged, UserRegistered
from lms_core.identity.accounts.models import LinkPurpose, User
from lms_core.identity.accounts.schemas import Account, Addressee, Facts, ProfileUpdate, Registration
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, NotFound
from lms_core.kit.events import Activity, Notice
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page

DELETED_NAME = "Deleted account"


def register(ctx: WriteCtx, *, registration: Registration, verified: bool = False) -> Account:
    """A new account; unless `verified`, a link to confirm the address is mailed. EmailTaken, WeakPassword."""
    passwords.check(registration.password, email=registration.email, full_name=registration.full_name)
    password_hash = passwords.hashed(registration.password)  # before the first statement: no lock is held meanwhile
    email_key = addresses.key_of(registration.email)
    taken = EmailTaken("Log in instead, or ask for a new password if you forgot it.")
    if ctx.session.execute(select(User.id).where(User.email_key == email_key)).first() is not None:
        raise taken
    user = User(
        email=registration.email,
        email_key=email_key,
        full_name=registration.full_name,
        password_hash=password_hash,
        language=registration.language,
        time_zone=registration.time_zone,
        email_verified_at=ctx.now if verified else None,
        created_at=ctx.now,
    )
    try:
        ctx.add(user)
    except IntegrityError as error:  # the same address was registered in this very moment
        raise taken from error
    activity = Activity(user_id=user.id, verb="registered", object_id=user.id)
    ctx.emit(UserRegistered(user_id=user.id, language=user.language, activity=activity))
    if not verified:
        ctx.enqueue(jobs.MAIL_VERIFICATION, user_id=str(user.id))
    return _view(user)


def add_invited(ctx: WriteCtx, *, email: str, full_name: str, language: str, invite: bool) -> Account:
    """A new account without a password; with `invite`, a link to choose one is mailed. EmailTaken."""
    account = _add_without_password(ctx, email=email, full_name=full_name, language=language, verified=False)
    if invite:
        ctx.enqueue(jobs.MAIL_INVITATION, user_id=str(account.id))
    return account


def add_confirmed(ctx: WriteCtx, *, email: str, full_name: str, language: str) -> Account:
    """A new account without a password, whose address another service vouches for. EmailTaken."""
    name = " ".join(each for each in full_name.split() if each.isprintable())[:120] or email.partition("@")[0]
    return _add_without_password(ctx, email=email, full_name=name, language=language, verified=True)


def _add_without_password(ctx: WriteCtx, *, email: str, full_name: str, language: str, verified: bool) -> Account:
    user = User(
        email=email,
        email_key=addresses.key_of(email),
        full_name=full_name,
        language=language,
        email_verified_at=ctx.now if verified else None,
        created_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            ctx.add(user)
    except IntegrityError as error:
        raise EmailTaken("Log in once more.") from error
    activity = Activity(user_id=user.id, verb="registered", object_id=user.id)
    ctx.emit(UserRegistered(user_id=user.id, language=user.language, activity=activity))
    return _view(user)


def account(ctx: ReadCtx, *, user_id: UUID) -> Account:
    """The account, or NotFound."""
    return _view(_user(ctx, user_id))


def person(ctx: ReadCtx, *, user_id: UUID) -> Account:
    """The account of a person, not of the installation itself nor what is left of a deleted one. NotFound."""
    user = _user(ctx, user_id)
    if user.is_service or user.deleted_at is not None:
        raise NotFound("There is no such person here.")
    return _view(user)


def emails_of(ctx: ReadCtx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Addresses by id, in one statement, for callers who have authorised; ids that are nobody here are left out."""
    rows = ctx.session.execute(select(User.id, User.email).where(User.id.in_(set(ids))))
    return {row[0]: row[1] for row in rows}


def addressees(ctx: ReadCtx, ids: Iterable[UUID]) -> list[Addressee]:
    """The people to write to, in one statement, for callers who decided who hears of what; closed accounts left out."""
    wanted = select(User).where(User.id.in_(set(ids)), User.disabled_at.is_(None), User.is_service.is_(False))
    return [
        Addressee(
            id=user.id,
            email=user.email,
            full_name=user.full_name,
            language=user.language,
            verified=user.email_verified_at is not None,
        )
        for user in ctx.session.execute(wanted.order_by(User.id)).scalars()
    ]


def ids_of_emails(ctx: ReadCtx, emails: Iterable[str]) -> dict[str, UUID]:
    """Accounts by the addresses as they were given, in one statement; what is no address or nobody's is left out."""
    keys = {}
    for email in emails:
        with suppress(ValueError):
            keys[email] = addresses.key_of(email)
    rows = ctx.session.execute(select(User.email_key, User.id).where(User.email_key.in_(set(keys.values()))))
    known = {row[0]: row[1] for row in rows}
    return {email: known[key] for email, key in keys.items() if key in known}


def account_with_email(ctx: ReadCtx, *, email: str) -> Account | None:
    """The account known by this address, if any. ValueError when it is no address."""
    found = ctx.session.execute(select(User).where(User.email_key == addresses.key_of(email))).scalar_one_or_none()
    return _view(found) if found is not None else None


def accounts(ctx: ReadCtx, *, q: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[Account]:
    """Accounts in the order of their addresses; `q` is part of a name or address."""
    people = select(User).where(User.is_service.is_(False), User.deleted_at.is_(None))
    wanted = people.order_by(User.email_key).limit(limit + 1)
    if q:
        wanted = wanted.where(
            or_(User.full_name.icontains(q, autoescape=True), User.email_key.contains(q.casefold(), autoescape=True))
        )
    if cursor:
        wanted = wanted.where(User.email_key > _position(cursor))
    rows = list(ctx.session.execute(wanted).scalars())
    found = page(rows, limit, lambda user: [user.email_key])
    return Page(items=[_view(user) for user in found.items], next_cursor=found.next_cursor)


def _position(cursor: str) -> str:
    position: str = decode_cursor(cursor, [str])[0]
    if not position.isprintable():
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return position


def names_of(ctx: ReadCtx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Full names by id, in one statement; ids that are nobody here are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = ctx.session.execute(select(User.id, User.full_name).where(User.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def update_profile(ctx: WriteCtx, *, user_id: UUID, update: ProfileUpdate) -> Account:
    """Replace name, language and time zone."""
    user = _user(ctx, user_id)
    user.full_name, user.language, user.time_zone = update.full_name, update.language, update.time_zone
    ctx.session.flush()
    return _view(user)


def send_own_verification(ctx: WriteCtx) -> None:
    """Mail the actor's confirmation link again; nothing is sent to an address that is confirmed."""
    ctx.enqueue(jobs.MAIL_VERIFICATION, user_id=str(ctx.actor.user_id))


def verify_email(ctx: WriteCtx, *, token: str) -> Account:
    """Confirm the address a link was mailed to. LinkExpired."""
    user = links.redeem(ctx, token=token, purposes=[LinkPurpose.VERIFY_EMAIL])
    _mark_verified(ctx, user)
    return _view(user)


def send_reset(ctx: WriteCtx, *, email: str) -> None:
    """Mail a reset link if the address has an account. What happens here is the same when it has none."""
    ctx.enqueue(jobs.MAIL_RESET, email_key=addresses.key_of(email))


def reset_password(ctx: WriteCtx, *, token: str, password: str) -> UUID:
    """Set a password by a mailed link of either kind, which also confirms the address and ends a pause.

    LinkExpired, WeakPassword.
    """
    password_hash = passwords.hashed(password)  # before the first statement: no lock is held meanwhile
    user = links.redeem(ctx, token=token, purposes=[LinkPurpose.RESET_PASSWORD, LinkPurpose.INVITATION])
    passwords.check(password, email=user.email, full_name=user.full_name)
    _mark_verified(ctx, user)
    _set_password(ctx, user, password_hash, by_link=True)
    return user.id


def replace_password(ctx: WriteCtx, *, user_id: UUID, known_hash: str | None, password_hash: str) -> bool:
    """Set a password if the present hash is still `known_hash`, the one that the caller compared."""
    user = ctx.session.execute(select(User).where(User.id == user_id).with_for_update(key_share=True)).scalar_one()
    if user.password_hash != known_hash:
        return False
    _set_password(ctx, user, password_hash, by_link=False)
    return True


def password_hash_of(ctx: ReadCtx, *, user_id: UUID) -> str | None:
    """The stored hash, to compare outside of any transaction."""
    return _user(ctx, user_id).password_hash


def may_log_in(ctx: ReadCtx, *, user_id: UUID) -> bool:
    """Whether the account is a person's and open."""
    wanted = select(User.id).where(User.id == user_id, User.disabled_at.is_(None), User.is_service.is_(False))
    return ctx.session.execute(wanted).first() is not None


def hold(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Let no other transaction that holds this person go on beside this one. NotFound."""
    held = ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True)).first()
    if held is None:
        raise NotFound("There is no such person here.")


def send_warning(ctx: WriteCtx, *, user_id: UUID, kind: str, facts: Facts | None = None) -> None:
    """Tell a person by mail what happened to their account (`kind` as in `letters.WARNINGS`), and how it looked."""
    told = {**asdict(facts), "at": facts.at.isoformat()} if facts is not None else None
    ctx.enqueue(jobs.MAIL_WARNING, user_id=str(user_id), kind=kind, facts=told)


def send_letter(ctx: WriteCtx, *, user_id: UUID, kind: str, path: str) -> None:
    """Mail a person the letter of `kind` (as in `letters.KINDS`) with a link to `path`."""
    ctx.enqueue(jobs.MAIL_WARNING, user_id=str(user_id), kind=kind, path=path)


def anonymise(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Empty an account for good: no name, no address, no way in; its id stays for what outlives it. NotFound."""
    user = _user(ctx, user_id)
    nobody = f"{user.id}@deleted.invalid"  # RFC 2606: a domain that can never receive mail
    user.email, user.email_key, user.full_name = nobody, nobody, DELETED_NAME
    user.password_hash, user.language, user.time_zone = None, "en", "UTC"
    user.email_verified_at, user.last_login_at, user.locked_until, user.failed_logins = None, None, None, 0
    user.disabled_at = user.deleted_at = ctx.now
    ctx.session.flush()


def set_disabled(ctx: WriteCtx, *, user_id: UUID, disabled: bool) -> Account:
    """Close an account, or open it again."""
    user = _user(ctx, user_id)
    if disabled and user.disabled_at is None:
        user.disabled_at = ctx.now
        ctx.emit(AccountDisabled(user_id=user.id))
    elif not disabled:
        user.disabled_at, user.failed_logins, user.locked_until = None, 0, None
    ctx.session.flush()
    return _view(user)


def _set_password(ctx: WriteCtx, user: User, password_hash: str, *, by_link: bool) -> None:
    user.password_hash, user.failed_logins, user.locked_until = password_hash, 0, None
    ctx.session.flush()
    ctx.emit(
        PasswordChanged(
            user_id=user.id, by_link=by_link, notice=Notice(recipients=(user.id,), kind="account.password_changed")
        )
    )
    ctx.enqueue(jobs.MAIL_WARNING, user_id=str(user.id), kind="password_changed")


def _mark_verified(ctx: WriteCtx, user: User) -> None:
    if user.email_verified_at is None:
        user.email_verified_at = ctx.now
        ctx.session.flush()
        ctx.emit(EmailVerified(user_id=user.id))


def _user(ctx: ReadCtx, user_id: UUID) -> User:
    user: User | None = ctx.session.execute(select(User).where(User.id == user_id)).scalar_one_or_none()
    if user is None:
        raise NotFound("There is no such person here.")
    return user


def _view(user: User) -> Account:
    return Account(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        language=user.language,
        time_zone=user.time_zone,
        email_verified=user.email_verified_at is not None,
        disabled=user.disabled_at is not None,
        created_at=user.created_at,
    )
