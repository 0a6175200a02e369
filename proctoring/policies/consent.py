"""The consent text: made from the policy, so that it names exactly what will happen, in the taker's language.

`EDITION` grows with every change of the wording; with the policy's version it
names a text for ever. The hash stored beside a consent proves which text it was.
"""

import hashlib

from proctoring.detection.schemas import Check
from proctoring.policies.schemas import ConsentText, PolicyIn

EDITION = 1

Texts = dict[str, str]
ENGLISH: Texts = {
    "start": "This exam is supervised by your camera.",
    "pictures": "A picture is taken about every {seconds} seconds while the exam runs.",
    "faces": "Software counts the faces in each picture.",
    "objects": "Software looks for other people, phones and other things that are not allowed.",
    "head": "Software estimates where your head and eyes point. These are weak hints and never decide alone.",
    "camera": "Software checks that the camera works: light, sharpness, whether something covers it.",
    "identity": "FACE RECOGNITION: a photograph taken before the exam is turned into numbers that describe your face "
    "(biometric data), and the faces in later pictures are compared with it.",
    "microphone": "Your microphone's loudness is measured, and whether somebody speaks. No sound is recorded or sent.",
    "screen": "Pictures of the screen that you choose to share are taken too.",
    "page": "The page notes when you leave it, copy, paste or print, and when the network or camera stops.",
    "people": "Software only points things out. A person looks at them and decides; you can answer and appeal.",
    "keeping": "Pictures are stored encrypted on this server and deleted {days} days after the exam. "
    "Only the reviewers of this course can see them, and each look is written down.",
    "rights": "You can see what is stored about you and ask for its deletion at any time.",
    "no": "If you do not agree, do not start. Ask your instructor for another way to take the exam.",
}
SWAHILI: Texts = {
    "start": "Mtihani huu unasimamiwa kwa kamera yako.",
    "pictures": "Picha hupigwa takriban kila sekunde {seconds} wakati mtihani unaendelea.",
    "faces": "Programu huhesabu nyuso katika kila picha.",
    "objects": "Programu hutafuta watu wengine, simu na vitu vingine visivyoruhusiwa.",
    "head": "Programu hukadiria kichwa na macho yako yanaelekea wapi. Hizi ni dalili dhaifu na haziamui peke yake.",
    "camera": "Programu hukagua kama kamera inafanya kazi: mwanga, uwazi, na kama kuna kitu kimeifunika.",
    "identity": "UTAMBUZI WA USO: picha inayopigwa kabla ya mtihani hugeuzwa kuwa namba zinazoeleza uso wako "
    "(data ya kibayometriki), na nyuso katika picha za baadaye hulinganishwa nayo.",
    "microphone": "Kiwango cha sauti ya maikrofoni hupimwa, na kama kuna mtu anayezungumza. "
    "Hakuna sauti inayorekodiwa wala kutumwa.",
    "screen": "Picha za skrini unayochagua kushiriki hupigwa pia.",
    "page": "Ukurasa huandika unapotoka, unaponakili, kubandika au kuchapisha, na mtandao au kamera inapokatika.",
    "people": "Programu huonyesha tu. Mtu huangalia na kuamua; unaweza kujibu na kukata rufaa.",
    "keeping": "Picha huhifadhiwa kwenye seva hii zikiwa zimesimbwa na hufutwa siku {days} baada ya mtihani. "
    "Ni wakaguzi wa kozi hii tu wanaoweza kuziona, na kila kuangalia huandikwa.",
    "rights": "Unaweza kuona kilichohifadhiwa kukuhusu na kuomba kifutwe wakati wowote.",
    "no": "Kama hukubali, usianze. Muulize mwalimu wako njia nyingine ya kufanya mtihani.",
}
BY_LANGUAGE = {"en": ENGLISH, "sw": SWAHILI}


def text_for(policy: PolicyIn, *, version: int, language: str) -> ConsentText:
    """The text of a policy's `version`; English where there is no text in `language`."""
    spoken = language if language in BY_LANGUAGE else "en"
    texts = BY_LANGUAGE[spoken]
    values = {"seconds": policy.snapshot_interval_seconds, "days": policy.retention_days}
    lines = [texts[name].format(**values) for name in _parts(policy)]
    text = "\n".join([*lines, *([policy.note] if policy.note else [])])
    return ConsentText(
        version=f"{EDITION}.{version}",
        language=spoken,
        text=text,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        face_recognition=policy.identity,
    )


def hashes(policy: PolicyIn, *, version: int) -> frozenset[str]:
    """The hashes of a version's text in every language: any of them may have been shown."""
    return frozenset(text_for(policy, version=version, language=language).hash for language in BY_LANGUAGE)


def _parts(policy: PolicyIn) -> list[str]:
    looked = policy.looking_for
    named = {
        "faces": Check.FACES in looked,
        "objects": Check.OBJECTS in looked,
        "head": bool({Check.HEAD, Check.GAZE} & looked),
        "camera": Check.CAMERA in looked,
        "identity": policy.identity,
        "microphone": policy.microphone,
        "screen": policy.screen,
    }
    asked = [name for name, is_on in named.items() if is_on]
    return ["start", "pictures", *asked, "page", "people", "keeping", "rights", "no"]
