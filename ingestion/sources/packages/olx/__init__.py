"""Open edX's OLX: courses and content libraries as Studio exports them.

A chapter is a module; a unit (vertical) is a lesson with its texts and videos, and a quiz beside it with its problems.
Formats: https://docs.openedx.org, "Open edX Building and Running an Open edX Course: OLX".
"""

from ingestion.sources.packages.olx.course import convert

__all__ = ["convert"]
