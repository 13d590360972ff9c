"""History is told from typed text in many languages, and in doubt stays."""

import pytest

from channels_in.mail.quoted_html import html_history_as_quotes
from channels_in.mail.quotes import SEPARATORS, is_answer, visible_text
from helpdesk.lib.signatures import split_signature
from tests.helpdesk.lib.ratio import MEGABYTE, assert_linear

ADDRESS = "Stadt <info@stadt.example>"
INTROS = [
    f"Am Mo., 3. Nov. 2026 um 10:12 Uhr schrieb {ADDRESS}:",
    "Am 03.11.26 um 10:12 schrieb Stadt:",
    f"Am 3. November 2026 10:12:00 MEZ schrieb {ADDRESS}:",
    f"{ADDRESS} schrieb am Di., 3. Nov. 2026, 10:12:",
    f"Am Dienstag, 3. November 2026 um 10:12:33 MEZ hat {ADDRESS} Folgendes geschrieben:",
    f"On Tue, Nov 3, 2026 at 10:12 AM {ADDRESS} wrote:",
    "On 03/11/2026 10:12, Stadt wrote:",
    f"Le mar. 3 nov. 2026 à 10:12, {ADDRESS} a écrit :",
    f"El mar, 3 nov 2026 a las 10:12, {ADDRESS} escribió:",
    f"Em ter., 3 de nov. de 2026 às 10:12, {ADDRESS} escreveu:",
    f"Il giorno mar 3 nov 2026 alle ore 10:12 {ADDRESS} ha scritto:",
    f"Op di 3 nov 2026 om 10:12 schreef {ADDRESS}:",
    f"wt., 3 lis 2026 o 10:12 {ADDRESS} napisał(a):",
    "W dniu 3.11.2026 o 10:12, Stadt pisze:",
    f"út 3. 11. 2026 v 10:12 odesílatel {ADDRESS} napsal:",
    f"ut 3. 11. 2026 o 10:12 {ADDRESS} napísal(a):",
    f"{ADDRESS} ezt írta (időpont: 2026. nov. 3., K, 10:12):",
    f"mar., 3 nov. 2026 la 10:12, {ADDRESS} a scris:",
    f"На вт, 3.11.2026 г. в 10:12 {ADDRESS} написа:",
    f"вт, 3 нояб. 2026 г. в 10:12, {ADDRESS}:",
    "03.11.2026 10:12, Stadt пишет:",
    f"вт, 3 лист. 2026 р. о 10:12 {ADDRESS} пише:",
    f"{ADDRESS}, 3 Kas 2026 Sal, 10:12 tarihinde şunu yazdı:",
    f"Στις Τρί 3 Νοε 2026 στις 10:12 π.μ., ο χρήστης {ADDRESS} έγραψε:",
    f"Den tis 3 nov. 2026 kl 10:12 skrev {ADDRESS}:",
    f"Den tirs. 3. nov. 2026 kl. 10.12 skrev {ADDRESS}:",
    f"tir. 3. nov. 2026 kl. 10:12 skrev {ADDRESS}:",
    f"ti 3. marrask. 2026 klo 10.12 {ADDRESS} kirjoitti:",
    f"Dana uto, 3. stu 2026. u 10:12 {ADDRESS} napisao je:",
    f"V V tor., 3. nov. 2026 ob 10:12 je oseba {ADDRESS} napisala:",
    f"Kuupäev T, 3. november 2026 kell 10:12 kirjutas {ADDRESS}:",
    f"otrd., 2026. g. 3. nov., plkst. 10:12 {ADDRESS} rakstīja:",
    f"2026-11-03, an, 10:12 {ADDRESS} rašė:",
    f"El dt., 3 de nov. 2026, 10:12, {ADDRESS} va escriure:",
    f"في الثلاثاء، 3 نوفمبر 2026 في 10:12 ص {ADDRESS} كتب:",
    f"\u200fבתאריך יום ג׳, 3 בנוב׳ 2026 ב-10:12 מאת {ADDRESS}:",
    f"{ADDRESS} 于2026年11月3日周二 10:12写道：",
    f"2026年11月3日(火) 10:12 {ADDRESS}:",
    f"2026년 11월 3일 (화) 오전 10:12, {ADDRESS}님이 작성:",
    f"Vào Th 3, 3 thg 11, 2026 vào lúc 10:12 {ADDRESS} đã viết:",
    f"Pada Sel, 3 Nov 2026 pukul 10.12 {ADDRESS} menulis:",
]
BLOCKS = [
    "Von: Stadt\nGesendet: Dienstag, 3. November 2026 10:12\nAn: Erika\nBetreff: Lampe",
    "*Von:* Stadt\n*Gesendet:* Dienstag\n*An:* Erika\n*Cc:* Bauhof\n*Betreff:* Lampe",
    "Gesendet: Dienstag, 03. November 2026 um 10:12 Uhr\nVon: Stadt\nAn: Erika\nBetreff: Lampe",
    "From: Stadt\nSent: Tuesday\nTo: Erika\nSubject: Lamp",
    "De : Stadt\nEnvoyé : mardi\nÀ : Erika\nObjet : Lampe",
    "De: Stadt\nEnviado el: martes\nPara: Erika\nAsunto: Lampe",
    "De: Stadt\nEnviada em: terça\nPara: Erika\nAssunto: Lampe",
    "Da: Stadt\nInviato: martedì\nA: Erika\nOggetto: Lampe",
    "Van: Stadt\nVerzonden: dinsdag\nAan: Erika\nOnderwerp: Lampe",
    "Od: Stadt\nWysłano: wtorek\nDo: Erika\nTemat: Lampe",
    "Od: Stadt\nOdesláno: úterý\nKomu: Erika\nPředmět: Lampe",
    "Feladó: Stadt\nElküldve: kedd\nCímzett: Erika\nTárgy: Lampe",
    "Fra: Stadt\nSendt: tirsdag\nTil: Erika\nEmne: Lampe",
    "Från: Stadt\nSkickat: tisdag\nTill: Erika\nÄmne: Lampe",
    "Lähettäjä: Stadt\nLähetetty: tiistai\nVastaanottaja: Erika\nAihe: Lampe",
    "От: Stadt\nОтправлено: вторник\nКому: Erika\nТема: Lampe",
    "Від: Stadt\nНадіслано: вівторок\nКому: Erika\nТема: Lampe",
    "Kimden: Stadt\nGönderildi: Salı\nKime: Erika\nKonu: Lampe",
    "Από: Stadt\nΣτάλθηκε: Τρίτη\nΠρος: Erika\nΘέμα: Lampe",
    "De la: Stadt\nTrimis: marți\nCătre: Erika\nSubiect: Lampe",
    "发件人: Stadt\n发送时间: 2026\n收件人: Erika\n主题: Lampe",
    "差出人: Stadt\n送信日時: 2026\n宛先: Erika\n件名: Lampe",
    "من: Stadt\nتاريخ الإرسال: 2026\nإلى: Erika\nالموضوع: Lampe",
]
PIECES = [
    "On ",
    "On On:\n",
    "> \n",
    "> a\nb\n",
    "a:\n",
    "Von: a\n",
    "Von: Von: ",
    "1@1:\n",
    "2026 10:12 a@b:\n",
    "On 1 a@b wrote:\nx\n",
    "-----\n",
    "----- ",
    "-- \n",
    "\n",
    " ",
    "am 1 ",
    "siehe ",
    "in rot ",
]


@pytest.mark.parametrize("intro", INTROS)
def test_visible_text_ends_before_an_attribution_line(intro: str) -> None:
    text = f"Meine Antwort.\n\n{intro}\n\n> Frage\n> mehr"

    assert visible_text(text, is_reply=True) == "Meine Antwort."


@pytest.mark.parametrize("intro", [intro for intro in INTROS if " <" in intro])
def test_visible_text_knows_attribution_lines_wrapped_before_the_address(intro: str) -> None:
    wrapped = intro.replace(" <", "\n<", 1)

    assert visible_text(f"Ja.\n\n{wrapped}\n\n> Frage", is_reply=True) == "Ja."


@pytest.mark.parametrize("block", BLOCKS)
def test_visible_text_ends_before_a_block_of_headers(block: str) -> None:
    text = f"Meine Antwort.\n\n________________________________\n{block}\n\nFrage"

    assert visible_text(text, is_reply=True) == "Meine Antwort."


@pytest.mark.parametrize("separator", SEPARATORS)
def test_visible_text_ends_before_our_own_line_even_in_what_looks_new(separator: str) -> None:
    text = f"Ja.\n\nX-ish kirja 2026 info@stadt.example:\n{separator}\n\nFrage"

    assert visible_text(text, is_reply=False) == "Ja."


@pytest.mark.parametrize(
    "text",
    [
        "Hallo,\nFrau Meier schrieb am 3.11.2026 um 10:12 Uhr:\nSie dürfen kommen.\nStimmt das?",
        "Von: Bahnhof\nbis zum Rathaus fährt kein Bus.",
        "Liste\n-----\nA\n-----\nB",
        "An: alle\nBetreff ist klar.",
        "Ich schrieb:\nnichts",
        "Preis > 100 Euro",
        "Termin:\nDatum: 3.11.\nVon: 10 Uhr\nBis: 12 Uhr\nBetreff: Sperrmüll\n\nGruß",
        "Bitte ändern:\nVon: Hauptstraße 1\nAn: Familie Meier\nBetreff: Adresse",
        "> Der Preis beträgt 3 Euro.\nDas ist zu viel.",
        "Danke!\n\nDiese E-Mail ist vertraulich und nur für den Empfänger bestimmt.",
        "Ich sende die ursprüngliche Nachricht noch einmal.\nGruß",
        "Am 3.11. um 10:12 schrieb ich an a@b.example. Keine Antwort!",
    ],
)
def test_visible_text_keeps_what_was_typed_in_a_reply(text: str) -> None:
    assert visible_text(text, is_reply=True) == text


@pytest.mark.parametrize(
    "text",
    [
        "FYI\n\n---------- Forwarded message ---------\nVon: X\nDate: Di\nSubject: A\n\nInhalt",
        "Siehe Anhang\n\nVon: X\nGesendet: gestern\nAn: Y\nBetreff: Z\n\nInhalt",
        "Am 3.11.2026 um 10:12 schrieb X <x@y.example>:\n> Inhalt\n\nWas heißt das?",
    ],
)
def test_visible_text_keeps_all_of_a_new_request(text: str) -> None:
    assert visible_text(text, is_reply=False) == text


def test_visible_text_keeps_a_mail_passed_on_inside_a_reply() -> None:
    text = (
        "Wie besprochen:\n\n-------- Weitergeleitete Nachricht --------\nVon: X <x@y.example>\n"
        "Datum: Di\nAn: Y\nBetreff: Z\n\nInhalt"
    )

    assert visible_text(text, is_reply=True) == text


def test_visible_text_is_empty_when_nothing_is_left() -> None:
    assert visible_text("Am 3.11.26 um 10:12 schrieb X:\n> alles hier", is_reply=True) == ""


def test_visible_text_keeps_answers_between_quoted_lines() -> None:
    text = "Am 3.11.26 um 10:12 schrieb X:\n> Wann?\nHeute.\n> Wo?\nHier."

    assert visible_text(text, is_reply=True) == text


def test_visible_text_ends_before_a_short_block_with_address_and_time() -> None:
    text = "Ja.\n\nVon: Stadt <i@s.example>\nGesendet: Di, 3. Nov 2026 10:12\n\nFrage"

    assert visible_text(text, is_reply=True) == "Ja."


def test_visible_text_shows_an_answer_below_a_quote_that_names_its_writer_inside() -> None:
    text = "> Am 3.11.2026 um 10:12 schrieb Stadt <i@s.example>:\n> Wann?\n\nHeute."

    assert visible_text(text, is_reply=True) == "Heute."


def test_visible_text_shows_an_answer_below_the_quote() -> None:
    text = "Am 3.11.26 um 10:12 schrieb X:\n> Wann?\n> Wo?\n\nHeute, hier."

    assert visible_text(text, is_reply=True) == "Heute, hier."


@pytest.mark.parametrize("piece", PIECES)
def test_visible_text_is_linear(piece: str) -> None:
    assert_linear(lambda text: visible_text(text, is_reply=True), piece)


def test_visible_text_of_a_megabyte_is_linear() -> None:
    assert_linear(lambda text: visible_text(text, is_reply=True), "On On On\n", size=MEGABYTE)


@pytest.mark.parametrize(
    "html, text",
    [
        ('a<div class="gmail_quote">b<div>c</div></div>', "a\n> b\n> c"),
        ('a<blockquote type="cite">b</blockquote>', "a\n\n> b"),
        ("a<blockquote>typed</blockquote>", "a\n\ntyped"),
        ('a<div id="appendonsend"></div><hr><div>b</div>', "a\n> ---\n> b"),
        ('a<div id="x_divRplyFwdMsg">b</div><div>c</div>', "a\n> b\n> c"),
        ('a<div name="quote">b</div>', "a\n> b"),
        ('a<div class="ydp1yahoo_quoted">b</div>', "a\n> b"),
        ('a<div class="protonmail_quote">b</div>', "a\n> b"),
        ("a<hr>b", "a\n---\nb"),
    ],
)
def test_html_history_marks_only_what_programs_mark(html: str, text: str) -> None:
    assert html_history_as_quotes(html) == text


@pytest.mark.parametrize(
    "subject, referenced, answer",
    [
        ("AW: Lampe", False, True),
        ("Re[2]: Lampe", False, True),
        ("WG: Lampe", True, False),
        ("Fwd: AW: Lampe", True, False),
        ("Lampe", True, True),
        ("Lampe", False, False),
        (None, False, False),
    ],
)
def test_is_answer_reads_prefix_and_references(
    subject: str | None, *, referenced: bool, answer: bool
) -> None:
    assert is_answer(subject, referenced=referenced) is answer


@pytest.mark.parametrize(
    "text, body, signature",
    [
        ("Text\n-- \nErika\n02631 1", "Text", "-- \nErika\n02631 1"),
        ("Text\n\nVon meinem iPhone gesendet", "Text", "Von meinem iPhone gesendet"),
        ("Text\n\nSent from my Galaxy", "Text", "Sent from my Galaxy"),
        ("Text\n\nVerstuurd vanaf mijn iPhone", "Text", "Verstuurd vanaf mijn iPhone"),
        ("Text\n\niPhoneから送信", "Text", "iPhoneから送信"),
        ("Text\n\n(Sent from mobile device)", "Text", "(Sent from mobile device)"),
        (
            "Die Mail wurde von meinem Sohn gesendet.",
            "Die Mail wurde von meinem Sohn gesendet.",
            "",
        ),
        ("Text ohne", "Text ohne", ""),
        ("-- \nnur das", "-- \nnur das", ""),
        ("A\n-- \n" + "Zeile\n" * 40, "A\n-- \n" + "Zeile\n" * 40, ""),
    ],
)
def test_split_signature_folds_only_what_is_one(text: str, body: str, signature: str) -> None:
    assert split_signature(text) == (body, signature)
