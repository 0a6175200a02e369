"""The letter of a gift, in the language of whoever gave it. Names are put in as text, never as a template."""

from lms_core.kit.mail import Letter

GIFT = {
    "en": (
        "{giver} gives you “{title}”",
        "Hello,\n\n{giver} gives you “{title}”.\n{message}\nOpen it here, with an account of your own or a new one:\n\n"
        "{link}\n\nThe link is for you alone: whoever opens it first has the gift.\n",
    ),
    "sw": (
        "{giver} amekupa zawadi: “{title}”",
        "Habari,\n\n{giver} amekupa zawadi ya “{title}”.\n{message}\nIfungue hapa, kwa akaunti yako au mpya:\n\n"
        "{link}\n\nKiungo ni chako peke yako: atakayekifungua kwanza ndiye mwenye zawadi.\n",
    ),
}


def gift(*, to: str, language: str, giver: str, title: str, message: str, link: str) -> Letter:
    """The letter in `language` (English where there is none)."""
    subject, body = GIFT.get(language, GIFT["en"])
    said = f"\n“{message}”\n" if message else ""
    about = {"giver": giver or "Mwalimu", "title": title, "message": said, "link": link}
    return Letter(to=to, subject=subject.format(**about), body=body.format(**about))
