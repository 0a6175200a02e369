"""Courses: what is taught, from the catalogue card down to each version of each lesson.

A course holds modules, a module holds lessons, both in an order of their own
(positions 0, 1, 2 ... without gaps). A lesson's text is a row per version and
never changes; `Lesson.version` names the current one.

Invariants: a course's slug is unique in its institution and never changes, so
addresses inside rendered lessons stay right; a published course has a lesson
to read; a lesson's `source_path` is unique in its course, and empty for one
written here by hand, which a repeated import therefore leaves alone.

HTML is derived from a version's body and kept beside it. A version without
HTML is *pending*: links to lessons that an import stores later cannot be
resolved before they exist, so an import stores every body first and then
calls `render_pending` until nothing is left. Reading a pending lesson works,
it only costs its rendering each time.
"""
