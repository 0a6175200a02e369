"""What the audit log holds about a person: entries outlive them, without the network address."""

from lms_core.identity.audit.models import AuditEntry
from lms_core.kit.personal import Stays, declare

declare(
    "audit_log",
    Stays(
        AuditEntry.actor_id,
        why="who changed what must be known as long as the institution is accountable for it",
        blank=lambda now: {"ip": ""},
    ),
)
