"""Hold what the registers say against what the store holds, and mend what can safely be mended."""

from ingest.fsck.checking import Options
from ingest.fsck.findings import Finding, Findings, Group, Kind
from ingest.fsck.run import check_everything

__all__ = ["Finding", "Findings", "Group", "Kind", "Options", "check_everything"]
