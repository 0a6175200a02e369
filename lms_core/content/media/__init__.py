"""What instructors upload to a course: pictures, films and documents, from the first byte to the page.

An upload is received in pieces (tus 1.0), so that a lost connection or a restart
costs one piece. Once whole it is read by its content, never by its name, scanned,
and becomes an item of the course's library, or is refused with a reason. Pictures
get smaller variants, films become HLS with a plain MP4 beside it, both by jobs.

Invariants: nothing an instructor sent reaches a browser before it was sniffed and
scanned; every stored object lies under its tenant and course; an item's `size`
counts all that is stored for it; what a name in a lesson (`asset:`, `video:`)
means never changes while the item is there.
"""
