"""What imports hold about a person."""

from ingestion.imports.models import Import
from lms_core.kit.personal import Act, declare

declare("imports", Act(Import.owner_id, only=("id", "name", "status", "files", "created_at", "finished_at")))
