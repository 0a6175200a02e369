"""What a program calls itself (the `User-Agent` of RFC 9110, 10.1.5), in the words a person would use for it.

Browsers claim to be one another, so the order of the lists counts: the more particular name comes first.
"""

import re
from dataclasses import dataclass

LONGEST = 40
BROWSERS = (
    ("Edge", re.compile(r"Edg(?:A|iOS|e)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"(?:Headless)?Chrom(?:e|ium)/|CriOS/")),
    ("Safari", re.compile(r"Version/[\d.]+ .*Safari/")),
)
SYSTEMS = (
    ("Android", re.compile(r"Android")),
    ("iPhone", re.compile(r"iPhone|iPod")),
    ("iPad", re.compile(r"iPad")),
    ("Windows", re.compile(r"Windows")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)
PRODUCT = re.compile(r"[\w!#$%&'*+.^`|~-]+")  # the first product of the header: `curl` of `curl/8.5.0`


@dataclass(frozen=True, slots=True)
class Agent:
    """A program and the system it runs on, such as Chrome and Android; each empty when it does not say."""

    program: str
    system: str

    @property
    def name(self) -> str:
        """Both in one line, in English: what two logins by the same kind of device share."""
        return " on ".join(each for each in (self.program, self.system) if each)


def named(user_agent: str) -> Agent:
    """The program and system behind a `User-Agent`; versions are left out, since they change every month."""
    system = next((name for name, pattern in SYSTEMS if pattern.search(user_agent)), "")
    program = next((name for name, pattern in BROWSERS if pattern.search(user_agent)), "")
    if not program and not user_agent.startswith("Mozilla/"):
        product = PRODUCT.match(user_agent)
        program = product.group()[:LONGEST] if product else ""
    return Agent(program, system)


def printable(user_agent: str) -> str:
    """A `User-Agent` as it may be stored: what cannot be printed taken out, 300 characters at most."""
    return "".join(each for each in user_agent if each.isprintable())[:300]
