"""Films: what ffprobe says of one, the renditions it gets, and ffmpeg making them, in a child with limits.

Names never reach a shell, and no name from outside reaches ffmpeg at all: files
are called by us. The container format is the one the first bytes show, and no
other reader and no protocol but `file` may open: a playlist that pretends to be a
film, or one that names an address, is refused unread.
"""
