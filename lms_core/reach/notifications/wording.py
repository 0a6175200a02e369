"""The words of each kind of notification, English and Swahili, and the page it leads to.

`{name}` stands for a variable of the notice. Variables are put in as text, never as a template; in the path they are
quoted. Those named in `dates` arrive as ISO dates and are written as the reader's language writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from babel.dates import format_date


@dataclass(frozen=True, slots=True)
class Wording:
    """A kind's title and text by language, the page it leads to, and whether it is mailed too."""

    en: tuple[str, str]
    sw: tuple[str, str]
    path: str
    mailed: bool = True
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader is shown."""

    title: str
    text: str
    path: str


KINDS: dict[str, Wording] = {
    "account.password_changed": Wording(
        en=(
            "Your password was changed",
            "Other devices were logged out. If this was not you, choose a new one at once.",
        ),
        sw=(
            "Nenosiri lako limebadilishwa",
            "Vifaa vingine vimeondolewa. Kama si wewe, chagua nenosiri jipya mara moja.",
        ),
        path="/profile",
        mailed=False,  # accounts write this letter themselves, with the link that helps
    ),
    "account.role_changed": Wording(
        en=("Your role was changed", "Your role in this institution is now: {role}."),
        sw=("Wajibu wako umebadilishwa", "Wajibu wako katika taasisi hii sasa ni: {role}."),
        path="/profile",
    ),
    "announcements.posted": Wording(
        en=("News in “{course}”", "{title}"),
        sw=("Habari katika “{course}”", "{title}"),
        path="/announcements/{announcement_id}",
        mailed=False,  # whoever writes an announcement chooses; the other kind is the mailed one
    ),
    "announcements.posted_by_mail": Wording(
        en=("News in “{course}”", "{title}"),
        sw=("Habari katika “{course}”", "{title}"),
        path="/announcements/{announcement_id}",
    ),
    "assessments.attempt_graded": Wording(
        en=("Your answers are marked", "Every answer of your attempt at “{quiz}” has its mark."),
        sw=("Majibu yako yamesahihishwa", "Kila jibu la jaribio lako la “{quiz}” lina alama yake."),
        path="/attempts/{attempt_id}",
    ),
    "assessments.attempt_regraded": Wording(
        en=(
            "A mark of yours was changed",
            "Your attempt at “{quiz}” was marked again, and its mark changed. The reason given: {reason}",
        ),
        sw=(
            "Alama yako imebadilishwa",
            "Jaribio lako la “{quiz}” limesahihishwa tena, na alama yake imebadilika. Sababu iliyotolewa: {reason}",
        ),
        path="/attempts/{attempt_id}",
    ),
    "assessments.attempt_voided": Wording(
        en=(
            "An attempt does not count",
            "Your attempt at “{quiz}” does not count any more. The reason given: {reason}",
        ),
        sw=("Jaribio halihesabiwi", "Jaribio lako la “{quiz}” halihesabiwi tena. Sababu iliyotolewa: {reason}"),
        path="/attempts/{attempt_id}",
    ),
    "assessments.attempt_restored": Wording(
        en=("An attempt counts again", "Your attempt at “{quiz}” counts again."),
        sw=("Jaribio linahesabiwa tena", "Jaribio lako la “{quiz}” linahesabiwa tena."),
        path="/attempts/{attempt_id}",
    ),
    "assignments.published": Wording(
        en=("There is a new assignment", "“{assignment}” in “{course}” can be read and worked on now."),
        sw=("Kuna kazi mpya", "“{assignment}” katika “{course}” sasa inaweza kusomwa na kufanywa."),
        path="/assignments/{assignment_id}",
        mailed=False,  # a course that opens may publish twenty at once
    ),
    "assignments.due_soon": Wording(
        en=("An assignment is due soon", "“{assignment}” is due within a day, and you have not handed in yet."),
        sw=("Kazi inakaribia mwisho", "“{assignment}” inatakiwa ndani ya siku moja, na bado hujaikabidhi."),
        path="/assignments/{assignment_id}",
    ),
    "assignments.submission_received": Wording(
        en=("Your work is handed in", "Your work for “{assignment}” has arrived. Keep the receipt: {receipt}"),
        sw=("Kazi yako imepokelewa", "Kazi yako ya “{assignment}” imefika. Tunza risiti: {receipt}"),
        path="/assignments/{assignment_id}",
    ),
    "assignments.marks_released": Wording(
        en=("Your work is marked", "You can read the mark and the comments on “{assignment}” now."),
        sw=("Kazi yako imesahihishwa", "Sasa unaweza kusoma alama na maoni kuhusu “{assignment}”."),
        path="/assignments/{assignment_id}",
    ),
    "assignments.reviews_drawn": Wording(
        en=("There is work of others to review", "You were drawn to review work handed in for “{assignment}”."),
        sw=("Kuna kazi za wengine za kukagua", "Umechaguliwa kukagua kazi zilizokabidhiwa za “{assignment}”."),
        path="/assignments/{assignment_id}",
    ),
    "certificate.issued": Wording(
        en=("Your certificate is ready", "You earned the certificate of “{course}”. You can show and share it now."),
        sw=("Cheti chako kiko tayari", "Umepata cheti cha “{course}”. Sasa unaweza kukionyesha na kukishiriki."),
        path="/verify/{code}",
    ),
    "certificate.revoked": Wording(
        en=(
            "A certificate was revoked",
            "Your certificate of “{course}” is no longer valid. The reason given: {reason}",
        ),
        sw=("Cheti kimebatilishwa", "Cheti chako cha “{course}” si halali tena. Sababu iliyotolewa: {reason}"),
        path="/verify/{code}",
    ),
    "certificate.expiring": Wording(
        en=(
            "A certificate runs out soon",
            "Your certificate of “{course}” is valid until {until}. Ask for its renewal.",
        ),
        sw=("Cheti kinakaribia kuisha", "Cheti chako cha “{course}” ni halali hadi {until}. Omba kifanywe upya."),
        path="/verify/{code}",
        dates=("until",),
    ),
    "copying.ready": Wording(
        en=("Your copy is ready", "“{course}” is copied. It is a draft: look it over, then publish it."),
        sw=("Nakala yako iko tayari", "“{course}” imenakiliwa. Ni rasimu: ipitie, kisha uichapishe."),
        path="/teach/courses/{slug}",
        mailed=False,  # whoever asked for it is at work here
    ),
    "copying.failed": Wording(
        en=("A course was not copied", "“{course}” could not be copied. {reason}"),
        sw=("Kozi haikunakiliwa", "“{course}” haikuweza kunakiliwa. {reason}"),
        path="/teach/courses/{slug}",
        mailed=False,
    ),
    "documents.credited": Wording(
        en=("Money goes back to you", "Credit note {number} is in your list of invoices."),
        sw=("Fedha zinarudishwa kwako", "Hati {number} iko kwenye orodha yako ya ankara."),
        path="/invoices/{document_id}",
        mailed=False,  # documents mail the paper itself
    ),
    "documents.invoiced": Wording(
        en=("Your invoice is here", "Invoice {number} and its receipt are in your list of invoices."),
        sw=("Ankara yako iko tayari", "Ankara {number} na risiti yake ziko kwenye orodha yako ya ankara."),
        path="/invoices/{document_id}",
        mailed=False,
    ),
    "gradebook.grade_changed": Wording(
        en=("A grade of yours was changed", "Somebody who teaches you changed your grade in “{column}”."),
        sw=("Alama yako moja imebadilishwa", "Mwalimu wako amebadilisha alama yako katika “{column}”."),
        path="/courses/{course_id}/grades",
    ),
    "ledger.broken": Wording(
        en=(
            "The books do not agree",
            "A check of the ledger found {count} things that cannot be right. Look at them before money is sent out.",
        ),
        sw=(
            "Vitabu vya hesabu havilingani",
            "Ukaguzi wa leja umepata mambo {count} yasiyoweza kuwa sahihi. Yaangalie kabla ya kutuma pesa.",
        ),
        path="/finance/ledger/check",
    ),
    "lessons.released": Wording(
        en=("New lessons are open", "In {courses} you can read now: {lessons}"),
        sw=("Masomo mapya yamefunguliwa", "Katika {courses} sasa unaweza kusoma: {lessons}"),
        path="/lessons/{lesson_id}",
    ),
    "media.refused": Wording(
        en=("A file was not taken", "“{file}” cannot be used. {reason}"),
        sw=("Faili halikupokelewa", "“{file}” haliwezi kutumika. {reason}"),
        path="/teach/courses/{course_id}/media",
    ),
    "media.quarantined": Wording(
        en=("A virus was found in a file", "“{file}” is kept shut. {reason}"),
        sw=("Virusi vimepatikana katika faili", "“{file}” limefungiwa. {reason}"),
        path="/teach/courses/{course_id}/media",
    ),
    "orders.bought_twice": Wording(
        en=(
            "Paid twice: your money goes back",
            "Order {number} was paid although another order had opened the same ({titles}). That money is on its way "
            "back to you; you need do nothing.",
        ),
        sw=(
            "Umelipa mara mbili: fedha zako zinarudishwa",
            "Oda {number} imelipwa ingawa oda nyingine ilikuwa imefungua vilevile ({titles}). Fedha hizo zinarudishwa "
            "kwako; huhitaji kufanya lolote.",
        ),
        path="/orders/{order_id}",
    ),
    "orders.fulfilled": Wording(
        en=("Payment received", "Order {number} is complete: what you bought is open to you."),
        sw=("Malipo yamepokelewa", "Oda {number} imekamilika: ulichonunua kimefunguliwa kwako."),
        path="/orders/{order_id}",
        mailed=False,  # the receipt is mailed
    ),
    "orders.refunded": Wording(
        en=("Your money is on its way back", "Money of order {number} was given back to the way you paid."),
        sw=("Fedha zako zinarudi", "Fedha za oda {number} zimerudishwa kwa njia uliyolipia."),
        path="/orders/{order_id}",
    ),
    "paths.completed": Wording(
        en=("You completed a learning path", "Every required course of “{path}” is behind you. Congratulations!"),
        sw=("Umekamilisha njia ya kujifunza", "Umemaliza kila kozi inayohitajika ya “{path}”. Hongera!"),
        path="/paths/{slug}",
    ),
    "payments.mismatch": Wording(
        en=("A payment does not match", "What a provider says is not what we have ({kind}). Look at it and settle it."),
        sw=("Malipo hayalingani", "Anachosema mtoa huduma si tulichonacho ({kind}). Iangalie na uitatue."),
        path="/finance/reconciliation",
    ),
    "payments.refund_failed": Wording(
        en=(
            "A refund did not go through",
            "The refund of payment {reference} failed. Try again, or pay it back by hand.",
        ),
        sw=(
            "Marejesho hayakufaulu",
            "Marejesho ya malipo {reference} yameshindikana. Jaribu tena, au rudisha kwa mkono.",
        ),
        path="/finance/refunds",
    ),
    "payments.disputed": Wording(
        en=(
            "A payment is disputed",
            "The payer's bank disputes payment {reference}. Answer it at the provider in time.",
        ),
        sw=("Malipo yanapingwa", "Benki ya mlipaji inapinga malipo {reference}. Mjibu mtoa huduma kwa wakati."),
        path="/finance/payments",
    ),
    "payments.slip_handed_in": Wording(
        en=("A bank slip waits", "A slip for {reference} was handed in. Look whether the money came, and decide."),
        sw=("Hati ya benki inasubiri", "Hati ya {reference} imewasilishwa. Angalia kama pesa zimefika, kisha amua."),
        path="/finance/reconciliation/slips",
    ),
    "payments.slip_rejected": Wording(
        en=("Your bank slip was not accepted", "No payment was found for your slip. The reason given: {reason}"),
        sw=("Hati yako ya benki haikukubaliwa", "Hakuna malipo yaliyopatikana kwa hati yako. Sababu: {reason}"),
        path="/orders",
    ),
    "proctoring.passed": Wording(
        en=("Your exam was reviewed", "The supervision of “{quiz}” was reviewed, and your attempt counts."),
        sw=("Mtihani wako umekaguliwa", "Usimamizi wa “{quiz}” umekaguliwa, na jaribio lako linahesabiwa."),
        path="/supervision/{session_id}",
    ),
    "proctoring.rejected": Wording(
        en=(
            "Your exam was not accepted",
            "After the review of its supervision, your attempt at “{quiz}” does not count. Read why, and appeal "
            "if you disagree.",
        ),
        sw=(
            "Mtihani wako haukukubaliwa",
            "Baada ya usimamizi wake kukaguliwa, jaribio lako la “{quiz}” halihesabiwi. Soma sababu, na ukate rufaa "
            "kama hukubaliani.",
        ),
        path="/supervision/{session_id}",
    ),
    "proctoring.appeal_upheld": Wording(
        en=("Your appeal succeeded", "Your attempt at “{quiz}” counts after all."),
        sw=("Rufaa yako imekubaliwa", "Jaribio lako la “{quiz}” linahesabiwa."),
        path="/supervision/{session_id}",
    ),
    "proctoring.appeal_turned_down": Wording(
        en=("Your appeal was turned down", "The decision on “{quiz}” stands. The page says why."),
        sw=("Rufaa yako imekataliwa", "Uamuzi kuhusu “{quiz}” unabaki. Ukurasa unaeleza sababu."),
        path="/supervision/{session_id}",
    ),
    "revenue.batch_waits": Wording(
        en=(
            "Payouts wait for your approval",
            "Batch {number} of {amount} was handed in. Look through it and approve it.",
        ),
        sw=(
            "Malipo yanasubiri idhini yako",
            "Kundi {number} la {amount} limewasilishwa. Lipitie na uliidhinishe.",
        ),
        path="/finance/payouts/{batch_id}",
    ),
    "revenue.details_changed": Wording(
        en=(
            "You are paid elsewhere now",
            "What you earn goes to {shown} from now on, after three days. If this was not you, change your password "
            "and tell those who look after the finances.",
        ),
        sw=(
            "Sasa unalipwa kwingine",
            "Unachopata kitatumwa kwa {shown} kuanzia sasa, baada ya siku tatu. Kama si wewe, badilisha nenosiri lako "
            "na uwaambie wanaosimamia fedha.",
        ),
        path="/earnings",
    ),
    "revenue.paid_out": Wording(
        en=("You were paid", "{amount} went to {shown}."),
        sw=("Umelipwa", "{amount} zimetumwa kwa {shown}."),
        path="/earnings",
    ),
    "revenue.payout_returned": Wording(
        en=(
            "A payout came back",
            "{amount} did not reach {shown}. It is yours still: check where you are paid; it goes out with the next "
            "batch.",
        ),
        sw=(
            "Malipo yamerudi",
            "{amount} hazikufika kwa {shown}. Bado ni zako: angalia unapolipiwa; zitatumwa pamoja na kundi lijalo.",
        ),
        path="/earnings",
    ),
    "reviews.answered": Wording(
        en=("Your review was answered", "Those who teach “{course}” answered what you wrote about it."),
        sw=("Maoni yako yamejibiwa", "Wanaofundisha “{course}” wamejibu ulichoandika kuihusu."),
        path="/courses/{slug}/reviews",
        mailed=False,
    ),
    "reviews.hidden": Wording(
        en=("Your review is hidden", "An administrator hid your review of “{course}”. The reason given: {reason}"),
        sw=("Maoni yako yamefichwa", "Msimamizi ameficha maoni yako kuhusu “{course}”. Sababu iliyotolewa: {reason}"),
        path="/courses/{slug}/reviews",
    ),
    "staff.course_given": Wording(
        en=("A course is yours now", "“{course}” was given to you: you are its owner."),
        sw=("Kozi sasa ni yako", "Umepewa “{course}”: wewe ndiye mmiliki wake."),
        path="/teach/courses/{slug}/staff",
    ),
    "staff.invited": Wording(
        en=("You are invited to help teach", "You are asked to join the staff of “{course}”. Accept or decline."),
        sw=("Umealikwa kusaidia kufundisha", "Umeombwa kujiunga na timu ya “{course}”. Kubali au kataa."),
        path="/staff-invitations",
        mailed=False,  # staff writes this letter itself, with the link that answers
    ),
    "staff.role_given": Wording(
        en=("You have a role in a course", "You are on the staff of “{course}”. Its page shows what you can do."),
        sw=("Una wajibu katika kozi", "Uko kwenye timu ya “{course}”. Ukurasa wake unaonyesha unachoweza kufanya."),
        path="/teach/courses/{slug}",
    ),
    "staff.removed": Wording(
        en=("You left the staff of a course", "You are no longer on the staff of “{course}”."),
        sw=("Umeondoka kwenye timu ya kozi", "Hauko tena kwenye timu ya “{course}”."),
        path="/courses/{slug}",
    ),
    "subscriptions.started": Wording(
        en=("Your subscription runs", "The courses of “{plan}” are open until {until}. It renews by itself."),
        sw=("Usajili wako umeanza", "Kozi za “{plan}” ziko wazi hadi {until}. Unajiendeleza wenyewe."),
        path="/subscription",
        dates=("until",),
    ),
    "subscriptions.trial_started": Wording(
        en=("Your trial has begun", "The courses of “{plan}” are open until {until}. Cancel before if you like."),
        sw=("Kipindi chako cha majaribio kimeanza", "Kozi za “{plan}” ziko wazi hadi {until}. Unaweza kuacha kabla."),
        path="/subscription",
        dates=("until",),
    ),
    "subscriptions.renewed": Wording(
        en=("Your subscription goes on", "“{plan}” is paid until {until}."),
        sw=("Usajili wako unaendelea", "“{plan}” imelipiwa hadi {until}."),
        path="/subscription",
        mailed=False,  # the invoice comes by mail
        dates=("until",),
    ),
    "subscriptions.renewal_coming": Wording(
        en=("Your subscription renews soon", "On {day} the next term of “{plan}” is due: {amount}."),
        sw=("Usajili wako unakaribia kuendelezwa", "Tarehe {day} malipo ya “{plan}” yanatakiwa: {amount}."),
        path="/subscription",
        dates=("day",),
    ),
    "subscriptions.payment_due": Wording(
        en=("Your subscription waits for payment", "Pay {amount} for “{plan}”. Your courses stay open until {until}."),
        sw=("Usajili wako unasubiri malipo", "Lipa {amount} kwa “{plan}”. Kozi zako ziko wazi hadi {until}."),
        path="/subscription",
        dates=("until",),
    ),
    "subscriptions.renewal_failed": Wording(
        en=(
            "The payment of your subscription failed",
            "{amount} for “{plan}” could not be collected. Your courses stay open until {until}: pay, or change how.",
        ),
        sw=(
            "Malipo ya usajili wako yameshindikana",
            "{amount} kwa “{plan}” hayakuweza kukusanywa. Kozi zako ziko wazi hadi {until}: lipa, au badilisha njia.",
        ),
        path="/subscription",
        dates=("until",),
    ),
    "subscriptions.unpaid": Wording(
        en=("Your courses are closed", "“{plan}” was not paid. Pay within 30 days to go on where you were."),
        sw=("Kozi zako zimefungwa", "“{plan}” haikulipiwa. Lipa ndani ya siku 30 uendelee ulipoishia."),
        path="/subscription",
    ),
    "subscriptions.changed": Wording(
        en=("Your plan is changed", "You have the plan “{plan}” now."),
        sw=("Mpango wako umebadilishwa", "Sasa una mpango “{plan}”."),
        path="/subscription",
        mailed=False,  # whoever changed it is looking at it
    ),
    "subscriptions.resumed": Wording(
        en=("Your subscription goes on", "The courses of “{plan}” are open again, until {until}."),
        sw=("Usajili wako unaendelea", "Kozi za “{plan}” ziko wazi tena, hadi {until}."),
        path="/subscription",
        dates=("until",),
    ),
    "subscriptions.ended": Wording(
        en=("Your subscription has ended", "The courses of “{plan}” are closed. Your progress is kept."),
        sw=("Usajili wako umeisha", "Kozi za “{plan}” zimefungwa. Maendeleo yako yamehifadhiwa."),
        path="/plans",
    ),
}
ROLES_SW = {"learner": "mwanafunzi", "instructor": "mwalimu", "admin": "msimamizi"}
GREETING = {
    "en": "Hello {name},\n\n{text}\n\n{link}\n\nYou get this letter because you have an account at {origin}.\n",
    "sw": "Habari {name},\n\n{text}\n\n{link}\n\nUnapata barua hii kwa sababu una akaunti kwenye {origin}.\n",
}


def told(kind: str, variables: Mapping[str, str], *, language: str) -> Told:
    """Title, text and path of a notification in `language` (English where there is none). KeyError: no such kind."""
    wording = KINDS[kind]
    title, text = wording.sw if language == "sw" else wording.en
    shown = {name: _date(value, language) if name in wording.dates else value for name, value in variables.items()}
    if language == "sw" and "role" in shown:
        shown["role"] = ROLES_SW.get(shown["role"], shown["role"])
    path = wording.path.format_map({name: quote(value, safe="") for name, value in variables.items()})
    return Told(title=title.format_map(shown), text=text.format_map(shown), path=path)


def _date(value: str, language: str) -> str:
    written: str = format_date(date.fromisoformat(value), format="long", locale="sw" if language == "sw" else "en")
    return written
