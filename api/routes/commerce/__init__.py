"""JSON routes of commerce, one file per slice."""
