"""Verbs on media: `receiving` takes in, `library` keeps, `playing` shows, `wording` captions."""

from lms_core.content.media.pictures import preferred
from lms_core.content.media.service.copying import copy_object, copy_to, objects_of, require_room_for_copy
from lms_core.content.media.service.covering import draw_cover, drop_cover, keep_cover, set_cover
from lms_core.content.media.service.library import (
    access_variant,
    forget,
    library,
    read_item,
    retry,
    with_variants,
)
from lms_core.content.media.service.playing import file_of, film_facts, films_named, playback
from lms_core.content.media.service.receiving import (
    access_upload,
    begin,
    begin_direct,
    cancel,
    direct_key,
    finish_direct,
    new_piece_key,
    note_piece,
    usage,
)
from lms_core.content.media.service.wording import caption, caption_file, drop_caption

__all__ = [
    "access_upload",
    "access_variant",
    "begin",
    "begin_direct",
    "cancel",
    "caption",
    "caption_file",
    "copy_object",
    "copy_to",
    "direct_key",
    "draw_cover",
    "drop_caption",
    "drop_cover",
    "file_of",
    "film_facts",
    "films_named",
    "finish_direct",
    "forget",
    "keep_cover",
    "library",
    "new_piece_key",
    "note_piece",
    "objects_of",
    "playback",
    "preferred",
    "read_item",
    "require_room_for_copy",
    "retry",
    "set_cover",
    "usage",
    "with_variants",
]
