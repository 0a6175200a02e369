"""The letters accounts send, in the reader's language. Names are put in as text, never as a template."""

from lms_core.kit.mail import Letter

VERIFY_EMAIL = {
    "en": (
        "Confirm your e-mail address",
        "Hello {name},\n\nplease confirm that this address is yours:\n\n{link}\n\n"
        "The link works once, for three days. If you did not make an account at {origin}, do nothing.\n",
    ),
    "sw": (
        "Thibitisha barua pepe yako",
        "Habari {name},\n\ntafadhali thibitisha kwamba anwani hii ni yako:\n\n{link}\n\n"
        "Kiungo hiki hufanya kazi mara moja, kwa siku tatu. "
        "Kama hukufungua akaunti kwenye {origin}, usifanye lolote.\n",
    ),
}
RESET_PASSWORD = {
    "en": (
        "Choose a new password",
        "Hello {name},\n\nsomebody, hopefully you, asked for a new password. Choose it here:\n\n{link}\n\n"
        "The link works once, for an hour. If it was not you, do nothing: your password stays as it is.\n",
    ),
    "sw": (
        "Chagua nenosiri jipya",
        "Habari {name},\n\nmtu, tunatumaini ni wewe, ameomba nenosiri jipya. Lichague hapa:\n\n{link}\n\n"
        "Kiungo hiki hufanya kazi mara moja, kwa saa moja. "
        "Kama si wewe, usifanye lolote: nenosiri lako halibadiliki.\n",
    ),
}
PASSWORD_CHANGED = {
    "en": (
        "Your password was changed",
        "Hello {name},\n\nyour password at {origin} was changed, and other devices were logged out.\n\n"
        "If this was not you, choose a new password at once: {link}\n",
    ),
    "sw": (
        "Nenosiri lako limebadilishwa",
        "Habari {name},\n\nnenosiri lako kwenye {origin} limebadilishwa, na vifaa vingine vimeondolewa.\n\n"
        "Kama si wewe, chagua nenosiri jipya mara moja: {link}\n",
    ),
}
ACCOUNT_LOCKED = {
    "en": (
        "Too many wrong passwords",
        "Hello {name},\n\nsomebody tried several wrong passwords for your account at {origin}, so logging in pauses "
        "for a while.\n\nWas it you? Wait, or choose a new password now: {link}\n",
    ),
    "sw": (
        "Nenosiri limekosewa mara nyingi",
        "Habari {name},\n\nmtu amejaribu manenosiri kadhaa yasiyo sahihi kwenye akaunti yako ya {origin}, kwa hiyo "
        "kuingia kumesitishwa kwa muda.\n\nJe, ni wewe? Subiri, au chagua nenosiri jipya sasa: {link}\n",
    ),
}

KINDS = {
    "verify_email": VERIFY_EMAIL,
    "reset_password": RESET_PASSWORD,
    "password_changed": PASSWORD_CHANGED,
    "account_locked": ACCOUNT_LOCKED,
}


def write(kind: str, *, to: str, name: str, language: str, origin: str, link: str) -> Letter:
    """The letter of `kind` in `language` (English when there is no such text)."""
    texts = KINDS[kind]
    subject, body = texts.get(language, texts["en"])
    return Letter(to=to, subject=subject, body=body.format(name=name, origin=origin, link=link))
