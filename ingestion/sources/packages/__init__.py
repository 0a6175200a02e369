"""Course packages of other systems: Open edX OLX, IMS Common Cartridge, SCORM, Moodle backups and H5P.

One manner for all: a folder of files is turned, in a child process with limits, into the plain course shape that
Markdown folders become, and a report of everything that stays behind. Nothing of a package is ever run.
"""

from ingestion.sources.packages.opening import open_package
from ingestion.sources.packages.sniffing import Package, find_package

__all__ = ["Package", "find_package", "open_package"]
