"""What stands on a certificate, in each language it can be written in."""

from datetime import date

_ENGLISH = "January February March April May June July August September October November December"
_SWAHILI = "Januari Februari Machi Aprili Mei Juni Julai Agosti Septemba Oktoba Novemba Desemba"
MONTHS = {"en": _ENGLISH.split(), "sw": _SWAHILI.split()}
WORDS = {
    "en": {
        "title": "Certificate of Completion",
        "before": "This is to certify that",
        "after": "has successfully completed the course",
        "issued": "Issued on {date}",
        "expires": "Valid until {date}",
        "hours": "About {hours} hours of study",
        "hour": "About one hour of study",
        "verify": "Verify at",
        "signed": "This document carries a digital signature.",
        "preview": "PREVIEW",
    },
    "sw": {
        "title": "Cheti cha Kuhitimu",
        "before": "Hii ni kuthibitisha kwamba",
        "after": "amehitimu kikamilifu kozi ya",
        "issued": "Kimetolewa tarehe {date}",
        "expires": "Kinatumika hadi {date}",
        "hours": "Takriban saa {hours} za masomo",
        "hour": "Takriban saa moja ya masomo",
        "verify": "Thibitisha kwenye",
        "signed": "Hati hii ina sahihi ya kidijitali.",
        "preview": "MFANO",
    },
}


def written_date(day: date, language: str) -> str:
    """A date in words: `5 January 2026`, `5 Januari 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def study_time(minutes: int, language: str) -> str:
    """How long a course takes, in whole hours, at least one."""
    hours = max(1, round(minutes / 60))
    return WORDS[language]["hour" if hours == 1 else "hours"].format(hours=hours)
