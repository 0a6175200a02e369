"""JSON routes of what reaches people."""
