"""Verbs on foreign logins: providers for administrators; leaving for one, and coming back from it.

`depart` and `arrive` take the database: the provider is spoken to between transactions.
"""

from uuid import UUID

import structlog
from sqlalchemy import delete, select

from lms_core.identity.access import service as access
from lms_core.identity.accounts import addresses
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.errors import AccountClosed
from lms_core.identity.auth.schemas import Client as Caller
from lms_core.identity.auth.schemas import WebSession
from lms_core.identity.challenges import service as challenges
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.challenges.models import ChallengePurpose
from lms_core.identity.oidc import protocol
from lms_core.identity.oidc.errors import AddressNotConfirmed, DomainRefused, ForeignLoginRefused
from lms_core.identity.oidc.models import OidcProvider, SocialAccount
from lms_core.identity.oidc.schemas import Client, Departure, Identity, NewProvider, ProviderView
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor.errors import SecondFactorRequired
from lms_core.identity.tenants import service as tenants
from lms_core.kit.cache import Cache
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import Conflict, Forbidden, NotFound
from lms_core.kit.ids import new_token
from lms_core.kit.permissions import Permission, Role
from lms_core.kit.settings import Settings

SECRET_PURPOSE, VERIFIER_PURPOSE = "oidc-client-secret", "oidc-verifier"
CALLBACK = "/login/with/{slug}/back"

log = structlog.get_logger(__name__)


def providers(ctx: ReadCtx) -> list[ProviderView]:
    """The services that people may log in with, by name; visitors see them on the login page."""
    rows = ctx.session.execute(
        select(OidcProvider).where(OidcProvider.enabled.is_(True)).order_by(OidcProvider.name)
    ).scalars()
    return [_view(row) for row in rows]


def add_provider(ctx: WriteCtx, *, new: NewProvider) -> ProviderView:
    """Let people log in with another service. Forbidden, Conflict when the slug is taken."""
    _require_manager(ctx)
    if ctx.session.execute(select(OidcProvider.id).where(OidcProvider.slug == new.slug)).first() is not None:
        raise Conflict("There already is a provider with this slug. Choose another one.")
    sealed = ctx.resources.get(Keys).encrypt(SECRET_PURPOSE, new.client_secret.encode()).decode()
    row = ctx.add(
        OidcProvider(
            slug=new.slug,
            name=new.name,
            issuer=new.issuer,
            client_id=new.client_id,
            sealed_client_secret=sealed,
            domain=new.domain,
            created_at=ctx.now,
        )
    )
    audit.record(ctx, action="provider.added", object=("provider", row.id), issuer=new.issuer)
    return _view(row)


def remove_provider(ctx: WriteCtx, *, provider_id: UUID) -> None:
    """Take a service away, with its links to accounts. Forbidden, NotFound."""
    _require_manager(ctx)
    gone = ctx.session.execute(
        delete(OidcProvider).where(OidcProvider.id == provider_id).returning(OidcProvider.id)
    ).first()
    if gone is None:
        raise NotFound("There is no such provider.")
    audit.record(ctx, action="provider.removed", object=("provider", provider_id))


def depart(database: Database, *, visitor: Actor, slug: str, caller: Caller) -> Departure:
    """Begin a login at a provider. NotFound, ProviderUnreachable, TooManyRequests."""
    auth.limit_attempts(database.resources, what="oidc", tenant_id=visitor.tenant_id, client=caller)
    with database.read(visitor) as view:
        client = _client(view, slug)
        redirect_uri = _redirect_uri(view, slug)
    found = protocol.configuration(database.resources.get(Cache), client.issuer)  # type: ignore[type-abstract]
    nonce, verifier = new_token(), new_token()
    with database.write(visitor) as ctx:
        sealed = ctx.resources.get(Keys).encrypt(VERIFIER_PURPOSE, verifier.encode()).decode()
        data = {"provider": slug, "nonce": nonce, "verifier": sealed}
        state = challenges.begin(ctx, purpose=ChallengePurpose.OIDC_LOGIN, data=data)
    address = protocol.way_out(found, client, state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri)
    return Departure(address=address, state=state)


def arrive(database: Database, *, visitor: Actor, slug: str, state: str, code: str, caller: Caller) -> WebSession:
    """A page's session for whom the provider says has come back; `state` is the one that their browser left with.

    ChallengeExpired, ForeignLoginRefused, AddressNotConfirmed, DomainRefused, AccountClosed, SecondFactorRequired,
    ProviderUnreachable.
    """
    with database.write(visitor) as ctx:
        waiting = challenges.waiting(ctx, token=state, purpose=ChallengePurpose.OIDC_LOGIN)
        if waiting.data["provider"] != slug:
            raise ChallengeExpired()
        challenges.use(ctx, challenge_id=waiting.id)
        client, redirect_uri, now = _client(ctx, slug), _redirect_uri(ctx, slug), ctx.now
        verifier = ctx.resources.get(Keys).decrypt(VERIFIER_PURPOSE, waiting.data["verifier"].encode()).decode()
    cache = database.resources.get(Cache)  # type: ignore[type-abstract]
    try:
        found = protocol.configuration(cache, client.issuer)
        token = protocol.exchange(found, client, code=code, verifier=verifier, redirect_uri=redirect_uri)
        who = protocol.identity(cache, found, client, token, nonce=waiting.data["nonce"], now=now)
    except ForeignLoginRefused as refused:
        log.warning("oidc.refused", provider=slug, why=refused.why)
        raise
    if client.domain and not _of_domain(who, client.domain):
        raise DomainRefused(client.domain)
    with database.write(visitor) as ctx:
        user_id = _person(ctx, client, who)
        if not accounts.may_log_in(ctx, user_id=user_id):
            raise AccountClosed()
        if not secondfactor.required_for(ctx, user_id=user_id):
            return auth.open_web_session(ctx, user_id=user_id, client=caller)
        challenge = challenges.begin(ctx, purpose=ChallengePurpose.SECOND_FACTOR, user_id=user_id)
    raise SecondFactorRequired(challenge)


def _person(ctx: WriteCtx, client: Client, who: Identity) -> UUID:
    """The account of this subject: the one linked, one with the same address confirmed on both sides, or a new one."""
    linked: SocialAccount | None = ctx.session.execute(
        select(SocialAccount).where(
            SocialAccount.provider_id == client.provider_id, SocialAccount.subject == who.subject
        )
    ).scalar_one_or_none()
    if linked is not None:
        linked.last_used_at = ctx.now
        return linked.user_id
    if not who.email_verified:
        raise AddressNotConfirmed()
    try:
        email = addresses.normalise(who.email)
    except ValueError as error:
        raise ForeignLoginRefused("the address is not one") from error
    account = accounts.account_with_email(ctx, email=email)
    if account is None:
        account = accounts.add_confirmed(ctx, email=email, full_name=who.full_name, language=ctx.actor.language)
        access.grant(ctx, user_id=account.id, role=Role.LEARNER)
        audit.record(ctx, action="user.registered", object=("user", account.id), role=Role.LEARNER.value)
    elif not account.email_verified:  # whoever registered it first may be waiting for its owner (pre-hijacking)
        raise AddressNotConfirmed()
    else:
        accounts.send_warning(ctx, user_id=account.id, kind="login_linked")
    ctx.add(
        SocialAccount(
            user_id=account.id,
            provider_id=client.provider_id,
            subject=who.subject,
            email=email,
            created_at=ctx.now,
            last_used_at=ctx.now,
        )
    )
    audit.record(ctx, action="login.linked", object=("user", account.id), issuer=client.issuer)
    return account.id


def _of_domain(who: Identity, domain: str) -> bool:
    of_address = who.email_verified and who.email.casefold().rpartition("@")[2] == domain
    return who.hosted_domain.casefold() == domain or of_address


def _client(ctx: ReadCtx, slug: str) -> Client:
    row: OidcProvider | None = ctx.session.execute(
        select(OidcProvider).where(OidcProvider.slug == slug, OidcProvider.enabled.is_(True))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("One cannot log in with this service here.")
    secret = ctx.resources.get(Keys).decrypt(SECRET_PURPOSE, row.sealed_client_secret.encode()).decode()
    return Client(row.id, row.issuer, row.client_id, secret, row.domain)


def _redirect_uri(ctx: ReadCtx, slug: str) -> str:
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    return origin + CALLBACK.format(slug=slug)


def _require_manager(ctx: ReadCtx) -> None:
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators choose how people log in. Ask one of them.")


def _view(row: OidcProvider) -> ProviderView:
    return ProviderView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        domain=row.domain,
        enabled=row.enabled,
    )
