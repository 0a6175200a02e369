"""The letter of a seat, in the language of whoever gave it. Names are put in as text, never as a template."""

from lms_core.kit.mail import Letter

SEAT = {
    "en": (
        "{giver} has a seat for you: “{plan}”",
        "Hello,\n\n{giver} pays a seat of the plan “{plan}” for you. It opens the plan's courses to you.\n\n"
        "Take it here, with an account of your own or a new one:\n\n{link}\n\n"
        "The link is for you alone: whoever opens it first has the seat.\n",
    ),
    "sw": (
        "{giver} amekupa nafasi: “{plan}”",
        "Habari,\n\n{giver} anakulipia nafasi katika mpango “{plan}”. Inakufungulia kozi za mpango huo.\n\n"
        "Ichukue hapa, kwa akaunti yako au mpya:\n\n{link}\n\n"
        "Kiungo ni chako peke yako: atakayekifungua kwanza ndiye mwenye nafasi.\n",
    ),
}


def seat(*, to: str, language: str, giver: str, plan: str, link: str) -> Letter:
    """The letter in `language` (English where there is none)."""
    subject, body = SEAT.get(language, SEAT["en"])
    about = {"giver": giver or "Mwalimu", "plan": plan, "link": link}
    return Letter(to=to, subject=subject.format(**about), body=body.format(**about))
