"""The verbs of certificates, one module per use case; `from ...certificates import service as certificates`."""

from lms_core.learning.certificates.service.copying import copy_to
from lms_core.learning.certificates.service.issuing import issue, issue_for, renew, revoke
from lms_core.learning.certificates.service.reading import (
    credential_of,
    document_of,
    figures,
    holders_among,
    mine,
    of_course,
)
from lms_core.learning.certificates.service.signing import sign_document
from lms_core.learning.certificates.service.templates import (
    ensure_rule,
    keep_picture,
    picture,
    preview,
    remove_picture,
    save_template,
    set_picture,
    template,
)
from lms_core.learning.certificates.service.verifying import (
    inspect_credential,
    inspect_document,
    issuer,
    note_inspection,
    status_list,
    verify,
)

__all__ = [
    "copy_to",
    "credential_of",
    "document_of",
    "ensure_rule",
    "figures",
    "holders_among",
    "inspect_credential",
    "inspect_document",
    "issue",
    "issue_for",
    "issuer",
    "keep_picture",
    "mine",
    "note_inspection",
    "of_course",
    "picture",
    "preview",
    "remove_picture",
    "renew",
    "revoke",
    "save_template",
    "set_picture",
    "sign_document",
    "status_list",
    "template",
    "verify",
]
