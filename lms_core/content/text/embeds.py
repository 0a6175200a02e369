"""Films and pages of other sites in a lesson: `![Title](embed:https://...)` to the address that a frame may load.

Nothing here decides which sites are allowed: pages offer a frame for the hosts of the setting `embed_hosts` alone, and
their Content-Security-Policy names the same hosts.
"""

import re
from urllib.parse import parse_qs, urlsplit

SCHEME = "embed:"
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
YOUTUBE = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "www.youtube-nocookie.com", "youtu.be"})
VIMEO = frozenset({"vimeo.com", "www.vimeo.com", "player.vimeo.com"})
YOUTUBE_ID = re.compile(r"[\w-]{6,20}")
YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v)/([\w-]{6,20})/?")
VIMEO_PATH = re.compile(r"/(?:video/)?(\d{3,15})(?:/(\w{6,20}))?/?")
# Every PeerTube server has these addresses: https://docs.joinpeertube.org/use/watch-share
PEERTUBE_PATH = re.compile(r"/(?:w|videos/watch|videos/embed)/([\w-]{20,40})/?")


def frame_address(url: str) -> str | None:
    """What a frame loads to show `url`: the site's own player without cookies where it has one; None unless https."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not HOST.fullmatch(host) or port is not None or parts.username is not None:
        return None
    if host in YOUTUBE:
        return _youtube(host, parts.path, parts.query)
    if host in VIMEO:
        found = VIMEO_PATH.fullmatch(parts.path)
        hidden = f"&h={found.group(2)}" if found and found.group(2) else ""
        return f"https://player.vimeo.com/video/{found.group(1)}?dnt=1{hidden}" if found else None
    film = PEERTUBE_PATH.fullmatch(parts.path)
    if film:
        return f"https://{host}/videos/embed/{film.group(1)}"
    return url


def _youtube(host: str, path: str, query: str) -> str | None:
    found = YOUTUBE_PATH.fullmatch(path)
    if found:
        name = found.group(1)
    elif host == "youtu.be":
        name = path.strip("/")
    else:
        name = next(iter(parse_qs(query).get("v", [])), "")
    return f"https://www.youtube-nocookie.com/embed/{name}" if YOUTUBE_ID.fullmatch(name) else None
