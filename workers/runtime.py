"""The composition root: the one place that reads `mode` and chooses every adapter.

Embedded: SQLite, in-process runner, memory cache and streams, Qdrant Edge, disk.
Scaled: PostgreSQL, Celery over Redis, Redis cache and streams, Qdrant server, S3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import redis
import structlog

from lms_core.commerce.payments import gateways
from lms_core.commerce.payments.gateways.sandbox import Sandbox
from lms_core.commerce.payments.gateways.wire import Wire
from lms_core.commerce.payments.service.addresses import Addresses
from lms_core.commerce.sandbox.service import Bank
from lms_core.content.media import scanning
from lms_core.identity.access.console import ensure_console
from lms_core.identity.tenants import service as tenants
from lms_core.kit import log, mail, storage
from lms_core.kit.cache import Cache, MemoryCache, RateLimiter, RedisCache
from lms_core.kit.calm import Calm
from lms_core.kit.clock import Clock, SystemClock
from lms_core.kit.context import Actor, Database, Resources, system_actor
from lms_core.kit.crypto import Keys
from lms_core.kit.db import make_engine
from lms_core.kit.ids import new_token
from lms_core.kit.places import Places
from lms_core.kit.realtime import MemoryStreams, RedisStreams, Streams
from lms_core.kit.settings import Settings
from lms_core.kit.storage_links import LinkSigner
from migrations import upgrade
from proctoring.watching.provider import DetectorProvider
from rag.answering.choice import EXTRACTIVE, AnswererChoice
from rag.embeddings.provider import EmbedderProvider
from rag.index.provider import IndexProvider
from workers import celery_app, registry
from workers.owner import FolderOwner
from workers.runner import Runner

registry.load()

reports = structlog.get_logger(__name__)
CHAT_THREADS = 32  # an answer that a chat model writes waits for the network nearly all its time


@dataclass
class Runtime:
    """A running installation: its settings, its database and its ports."""

    settings: Settings
    database: Database
    resources: Resources
    keys: Keys
    clock: Clock
    runner: Runner | None = None
    owner: FolderOwner | None = None
    console_token: str = field(default_factory=new_token)
    console: Actor | None = None
    closers: list[Callable[[], None]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to work on jobs where this process is the one to do it."""
        if self.runner is not None:
            with self.database.write(system_actor()) as ctx:
                ctx.enqueue("ingestion.catch_up")  # the embedding model may be another one since the last start
            self.runner.start()

    def stop(self) -> None:
        """Finish what is in hand and let go of everything."""
        if self.runner is not None:
            self.runner.stop()
        for close in reversed(self.closers):
            close()
        self.database.engine.dispose()


def build(settings: Settings, *, clock: Clock | None = None, run_jobs: bool = True) -> Runtime:
    """Put an installation together and bring its database up to date.

    `run_jobs` false: jobs stay rows until somebody drains them (tests, one-off commands).
    Embedded, the data folder is taken for this process; `FolderInUse` when another owns it.
    """
    log.configure(level=settings.log_level, json=settings.log_format == "json")
    clock = clock or SystemClock()
    embedded = settings.mode == "embedded"
    owner = FolderOwner.take(settings.data_dir) if embedded else None
    engine = make_engine(settings.effective_database_url, pool=settings.database_pool)
    upgrade(engine)
    resources = Resources()
    database = Database(engine, clock, resources)
    keys = Keys(settings.resolved_secret_key())
    runtime = Runtime(settings, database, resources, keys, clock, owner=owner)
    _put_shared_ports(runtime)
    if embedded:
        _put_embedded_ports(runtime, run_jobs=run_jobs)
    else:
        _put_scaled_ports(runtime)
    _put_gateways(runtime)
    with database.write(system_actor()) as ctx:
        tenant_id = tenants.ensure_default(ctx).id
    with database.write(system_actor(tenant_id)) as ctx:
        runtime.console = ensure_console(ctx)
    return runtime


def _put_shared_ports(runtime: Runtime) -> None:
    settings = runtime.settings
    runtime.resources.put(Settings, settings)
    runtime.resources.put(Keys, runtime.keys)
    runtime.resources.put(Calm, Calm())
    signer = LinkSigner(runtime.keys, settings.public_url, runtime.clock.now)
    runtime.resources.put(LinkSigner, signer)
    runtime.resources.put(storage.Storage, _storage(settings, signer))  # type: ignore[type-abstract]
    runtime.resources.put(scanning.Scanner, scanning.open_scanner(settings.virus_scanner))  # type: ignore[type-abstract]
    runtime.resources.put(mail.Mail, mail.open_mail(settings.mail_url, sender=settings.mail_from))  # type: ignore[type-abstract]
    places = Places(settings.geoip_file)
    runtime.resources.put(Places, places)
    runtime.closers.append(places.close)
    runtime.resources.put(AnswererChoice, AnswererChoice(settings))
    runtime.resources.put(
        EmbedderProvider,
        EmbedderProvider(
            model=settings.embedding_model,
            models_dir=settings.models_dir,
            threads=settings.embedding_threads or None,
        ),
    )
    runtime.resources.put(
        DetectorProvider,
        DetectorProvider.of_weights(
            models_dir=settings.models_dir,
            cache_dir=settings.data_dir / "models",
            object_model=settings.proctoring_model,
            device=settings.proctoring_device,
        ),
    )


def _put_gateways(runtime: Runtime) -> None:
    """Every payment provider, over one wire; after the cache, which keeps their access tokens."""
    settings, resources = runtime.settings, runtime.resources
    wire = Wire(
        cache=resources.get(Cache),  # type: ignore[type-abstract]
        keys=runtime.keys,
        allowed_hosts=settings.payment_hosts.replace(",", " ").split(),
    )
    runtime.closers.append(wire.close)
    sandbox = Sandbox(Bank(runtime.database), settings.public_url)
    resources.put(gateways.Gateways, gateways.build(wire, sandbox))
    resources.put(Addresses, Addresses())


def _storage(settings: Settings, signer: LinkSigner) -> storage.ObjectStorage:
    bucket = storage.Bucket(
        endpoint=settings.storage_endpoint,
        region=settings.storage_region,
        key_id=settings.storage_key_id,
        secret=settings.storage_secret.get_secret_value(),
    )
    return storage.open_storage(settings.storage_url, data_dir=settings.data_dir, bucket=bucket, signer=signer)


def _put_embedded_ports(runtime: Runtime, *, run_jobs: bool) -> None:
    settings, resources = runtime.settings, runtime.resources
    resources.put(Cache, MemoryCache())  # type: ignore[type-abstract]
    resources.put(Streams, MemoryStreams())  # type: ignore[type-abstract]
    resources.put(RateLimiter, RateLimiter())
    index = IndexProvider.edge(settings.data_dir / "index")
    resources.put(IndexProvider, index)
    runtime.closers.append(index.close)
    if runtime.owner is not None:
        runtime.closers.append(runtime.owner.release)
    if run_jobs:
        threads = settings.runner_threads
        if settings.chat_model != EXTRACTIVE:
            threads = max(threads, CHAT_THREADS)
        runtime.runner = Runner(runtime.database, threads=threads, calm=runtime.resources.get(Calm))
        runtime.database.on_commit = runtime.runner.wake


def _put_scaled_ports(runtime: Runtime) -> None:
    settings, resources = runtime.settings, runtime.resources
    if not settings.storage_url:
        reports.warning(
            "storage.one_machine",
            folder=str(settings.data_dir / "files"),
            advice="every web process and worker must see this folder; for more machines set MWALIMU_STORAGE_URL",
        )
    client = redis.Redis.from_url(settings.redis_url)
    resources.put(Cache, RedisCache(client))  # type: ignore[type-abstract]
    streams = RedisStreams(client)
    resources.put(Streams, streams)  # type: ignore[type-abstract]
    resources.put(RateLimiter, RateLimiter(settings.redis_url))
    resources.put(redis.Redis, client)
    index = IndexProvider.server(settings.qdrant_url, api_key=settings.qdrant_api_key.get_secret_value())
    resources.put(IndexProvider, index)
    runtime.closers += [index.close, client.close, streams.close]
    runtime.database.on_commit = celery_app.dispatcher(settings.redis_url)
