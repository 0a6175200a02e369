"""The letters accounts send, in the reader's language. Names are put in as text, never as a template."""

from lms_core.identity.accounts.schemas import Facts
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


def _warning(en_subject: str, en: str, sw_subject: str, sw: str) -> dict[str, tuple[str, str]]:
    """A letter that something happened, what is known about it, and where to go when it was somebody else."""
    return {
        "en": (
            en_subject,
            f"Hello {{name}},\n\n{en}\n{{facts}}\nIf this was not you, choose a new password at once: {{link}}\n",
        ),
        "sw": (
            sw_subject,
            f"Habari {{name}},\n\n{sw}\n{{facts}}\nKama si wewe, chagua nenosiri jipya mara moja: {{link}}\n",
        ),
    }


WARNINGS = {
    "second_factor_on": _warning(
        "Codes of an authenticator are on",
        "from now on logging in at {origin} asks for a code of your authenticator.",
        "Nambari za programu ya uthibitisho zimewashwa",
        "kuanzia sasa kuingia kwenye {origin} kunahitaji nambari ya programu yako ya uthibitisho.",
    ),
    "second_factor_off": _warning(
        "Codes of an authenticator are off",
        "logging in at {origin} no longer asks for a code of your authenticator.",
        "Nambari za programu ya uthibitisho zimezimwa",
        "kuingia kwenye {origin} hakuhitaji tena nambari ya programu yako ya uthibitisho.",
    ),
    "recovery_code_used": _warning(
        "A recovery code was used",
        "one of your recovery codes was used at {origin} in place of your authenticator.",
        "Nambari ya dharura imetumika",
        "nambari yako moja ya dharura imetumika kwenye {origin} badala ya programu yako ya uthibitisho.",
    ),
    "new_device": _warning(
        "A login from a new device",
        "somebody, hopefully you, logged in to your account at {origin} from a device that was not used before.",
        "Kuingia kutoka kifaa kipya",
        "mtu, tunatumaini ni wewe, ameingia kwenye akaunti yako ya {origin} kutoka kifaa kipya.",
    ),
    "new_country": _warning(
        "A login from another country",
        "somebody, hopefully you, logged in to your account at {origin} from a country that is new for it.",
        "Kuingia kutoka nchi nyingine",
        "mtu, tunatumaini ni wewe, ameingia kwenye akaunti yako ya {origin} kutoka nchi ambayo ni mpya kwake.",
    ),
    "impossible_travel": _warning(
        "Your account was used in two places far apart",
        "your account at {origin} was used in two places so far apart that nobody travels between them in that time. "
        "With a VPN this happens by itself; otherwise somebody else is using your account.",
        "Akaunti yako imetumika katika sehemu mbili zilizo mbali",
        "akaunti yako ya {origin} imetumika katika sehemu mbili zilizo mbali kiasi kwamba hakuna anayeweza kusafiri "
        "kati yake kwa muda huo. Ukitumia VPN hili hutokea lenyewe; la sivyo mtu mwingine anatumia akaunti yako.",
    ),
    "concurrent_login": _warning(
        "Your account is used on two devices at once",
        "somebody, hopefully you, logged in to your account at {origin} while it was in use on another device "
        "elsewhere.",
        "Akaunti yako inatumika kwenye vifaa viwili kwa wakati mmoja",
        "mtu, tunatumaini ni wewe, ameingia kwenye akaunti yako ya {origin} wakati inatumika kwenye kifaa kingine "
        "mahali pengine.",
    ),
    "many_wrong_codes": _warning(
        "Wrong codes after your right password",
        "somebody typed your password at {origin} and then several wrong codes, so codes pause for a while. Whoever "
        "it was knows your password.",
        "Nambari zisizo sahihi baada ya nenosiri sahihi",
        "mtu ameandika nenosiri lako kwenye {origin} kisha nambari kadhaa zisizo sahihi, kwa hiyo nambari "
        "zimesitishwa kwa muda. Mtu huyo anajua nenosiri lako.",
    ),
    "passkey_added": _warning(
        "A passkey was added",
        "a passkey was added to your account at {origin}; it logs in without a password.",
        "Ufunguo wa siri umeongezwa",
        "ufunguo wa siri umeongezwa kwenye akaunti yako ya {origin}; huingia bila nenosiri.",
    ),
    "login_linked": _warning(
        "Another way to log in was added",
        "your account at {origin} was linked with one of yours at another service, which logs you in from now on.",
        "Njia nyingine ya kuingia imeongezwa",
        "akaunti yako ya {origin} imeunganishwa na akaunti yako ya huduma nyingine, ambayo itakuingiza kuanzia sasa.",
    ),
    "api_key_made": _warning(
        "An API key was made",
        "an API key was made for your account at {origin}; programs that have it act in your name.",
        "Ufunguo wa API umetengenezwa",
        "ufunguo wa API umetengenezwa kwa akaunti yako ya {origin}; programu zilizo nao hutenda kwa jina lako.",
    ),
}

INVITATION = {
    "en": (
        "An account was made for you",
        "Hello {name},\n\nthere is an account for you at {origin}. Choose a password and begin:\n\n{link}\n\n"
        "The link works once, for 14 days. If you did not expect this, do nothing.\n",
    ),
    "sw": (
        "Umefunguliwa akaunti",
        "Habari {name},\n\numefunguliwa akaunti kwenye {origin}. Chagua nenosiri uanze:\n\n{link}\n\n"
        "Kiungo hiki hufanya kazi mara moja, kwa siku 14. Kama hukutarajia barua hii, usifanye lolote.\n",
    ),
}
EXPORT_READY = {
    "en": (
        "Your data is ready",
        "Hello {name},\n\nthe archive with your data at {origin} is ready. Log in and fetch it here:\n\n{link}\n\n"
        "It is kept for 7 days, and only you can open it. If you did not ask for it, choose a new password.\n",
    ),
    "sw": (
        "Data yako iko tayari",
        "Habari {name},\n\nkumbukumbu yenye data yako ya {origin} iko tayari. Ingia uichukue hapa:\n\n{link}\n\n"
        "Inahifadhiwa kwa siku 7, na ni wewe tu unayeweza kuifungua. Kama hukuiomba, chagua nenosiri jipya.\n",
    ),
}
DELETION_BEGUN = {
    "en": (
        "Your account will be deleted in 14 days",
        "Hello {name},\n\nthe deletion of your account at {origin} was asked for. In 14 days everything in it is "
        "deleted.\n\nTo keep it, log in before then: {link}\n",
    ),
    "sw": (
        "Akaunti yako itafutwa baada ya siku 14",
        "Habari {name},\n\nimeombwa akaunti yako ya {origin} ifutwe. Baada ya siku 14 kila kilichomo "
        "kitafutwa.\n\nKuihifadhi, ingia kabla ya hapo: {link}\n",
    ),
}
DELETION_KEPT = {
    "en": (
        "Your account stays",
        "Hello {name},\n\nyour account at {origin} is no longer going to be deleted. If you did not log in or ask for "
        "that, choose a new password: {link}\n",
    ),
    "sw": (
        "Akaunti yako inabaki",
        "Habari {name},\n\nakaunti yako ya {origin} haitafutwa tena. Kama hukuingia wala kuomba hivyo, chagua "
        "nenosiri jipya: {link}\n",
    ),
}
DELETION_DONE = {
    "en": (
        "Your account is deleted",
        "Hello {name},\n\nyour account at {origin} and what was in it is deleted. This is the last letter to this "
        "address. You are welcome to begin anew: {link}\n",
    ),
    "sw": (
        "Akaunti yako imefutwa",
        "Habari {name},\n\nakaunti yako ya {origin} na vilivyomo vimefutwa. Hii ni barua ya mwisho kwa anwani "
        "hii. Unakaribishwa kuanza upya: {link}\n",
    ),
}

KINDS = {
    "invitation": INVITATION,
    "export_ready": EXPORT_READY,
    "deletion_begun": DELETION_BEGUN,
    "deletion_kept": DELETION_KEPT,
    "deletion_done": DELETION_DONE,
    "verify_email": VERIFY_EMAIL,
    "reset_password": RESET_PASSWORD,
    "password_changed": PASSWORD_CHANGED,
    "account_locked": ACCOUNT_LOCKED,
    **WARNINGS,
}


FACTS = {
    "en": {"device": "Device", "place": "Place", "at": "Time", "on": "{program} on {system}"},
    "sw": {"device": "Kifaa", "place": "Mahali", "at": "Wakati", "on": "{program} kwenye {system}"},
}


def told(facts: Facts, *, language: str, time_zone: str) -> str:
    """Facts as the lines of a letter, in the reader's language and time; what is not known is left out."""
    from babel import Locale  # here, since only letters with facts need the data of CLDR
    from babel.dates import format_datetime, get_timezone

    words = FACTS.get(language, FACTS["en"])
    locale = Locale.parse(language if language in FACTS else "en")
    both = facts.program and facts.system
    device = words["on"].format(program=facts.program, system=facts.system) if both else facts.program or facts.system
    country = locale.territories.get(facts.country, facts.country)
    place = ", ".join(each for each in (facts.city, country, facts.ip) if each)
    at = format_datetime(facts.at, "long", tzinfo=get_timezone(time_zone), locale=locale)
    lines = {"device": device, "place": place, "at": at}
    return "".join(f"\n{words[name]}: {text}" for name, text in lines.items() if text) + "\n"


def write(kind: str, *, to: str, name: str, language: str, origin: str, link: str, facts: str = "") -> Letter:
    """The letter of `kind` in `language` (English when there is no such text); `facts` as `told` writes them."""
    texts = KINDS[kind]
    subject, body = texts.get(language, texts["en"])
    return Letter(to=to, subject=subject, body=body.format(name=name, origin=origin, link=link, facts=facts))
