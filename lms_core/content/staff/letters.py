"""The letter of an invitation, in its reader's language. Names are put in as text, never as a template."""

from lms_core.kit.mail import Letter

INVITATION = {
    "en": (
        "You are invited to help teach “{course}”",
        "Hello,\n\n{inviter} invites you to the staff of the course “{course}”. Read what you would do there, and "
        "accept or decline:\n\n{link}\n\n"
        "The link works for 14 days, with an account of this address. If you did not expect this, do nothing.\n",
    ),
    "sw": (
        "Umealikwa kusaidia kufundisha “{course}”",
        "Habari,\n\n{inviter} anakualika kwenye timu ya kozi “{course}”. Soma utakachofanya, kisha ukubali au "
        "ukatae:\n\n{link}\n\n"
        "Kiungo hufanya kazi kwa siku 14, kwa akaunti ya anwani hii. Kama hukutarajia hili, usifanye lolote.\n",
    ),
}


def invitation(*, to: str, language: str, course: str, inviter: str, link: str) -> Letter:
    """The letter in `language` (English where there is none)."""
    subject, body = INVITATION.get(language, INVITATION["en"])
    about = {"course": course, "inviter": inviter or "Mwalimu", "link": link}
    return Letter(to=to, subject=subject.format(**about), body=body.format(**about))
