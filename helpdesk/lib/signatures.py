"""Where the signature of a mail begins, so that it can be folded; it is never deleted."""

# ruff: noqa: RUF001 - words of many alphabets; some letters look like Latin ones

import re

_MAX_LINES = 25
_PHONE_LINES = re.compile(
    r"""(?:
    (?:diese\ (?:nachricht|mail|e-mail)\ wurde\ )?
    von\ meinem\ .{2,60}\ (?:gesendet|geschickt|verschickt)
    |(?:mobil\ )?gesendet\ (?:von|mit|über|aus|via)\ .{2,80}
    |von\ (?:unterwegs|meinem\ \S{2,20})\ gesendet
    |mit\ .{2,60}\ gesendet
    |(?:holen\ sie\ sich|laden\ sie)\ outlook\ für\ .{2,60}
    |outlook\ für\ (?:android|ios|mac)\b.{0,60}|get\ outlook\ for\ .{2,60}
    |sent\ (?:from|with|via|using)\ .{2,80}
    |envoyé\ (?:de|depuis|avec|à\ partir\ de)\ .{2,80}|télécharger\ outlook\ pour\ .{2,60}
    |inviato\ (?:da|dal|con)\ .{2,80}|enviado\ (?:desde|do|a\ partir\ do)\ .{2,80}
    |verzonden\ (?:vanaf|met|via)\ .{2,80}|wysłan[eoy]\ z\ .{2,80}|pobierz\ outlook\ .{2,60}
    |odesláno\ z[e]?\ .{2,80}|отправлено\ (?:с|из)\ .{2,80}|надіслано\ (?:з|із)\ .{2,80}
    |.{2,40}['’]?(?:dan|den|tan|ten|ımdan|umdan)\ gönderildi|skickat\ från\ .{2,80}
    |sendt\ fra\ .{2,80}|lähetetty\ .{2,80}|viestitetty\ .{2,80}|trimis\ de\ pe\ .{2,80}
    |von\ (?:yahoo|samsung|web\.de|gmx)\ .{2,60}\ gesendet
    |(?:gesichert\ durch|sicher\ gesendet\ mit)\ .{2,80}|verstuurd\ (?:vanaf|met|via)\ .{2,80}
    |odoslané\ z[o]?\ .{2,80}|poslano\ (?:z|s|sa)\ .{2,60}|изпратено\ от\ .{2,80}
    |(?:στάλθηκε|αποστολή)\ από\ .{2,80}|(?:el)?küldve\ .{2,60}[rbl][óoőe]l
    |saadetud\ minu\ .{2,60}|nosūtīts\ no\ .{2,60}|išsiųsta\ iš\ .{2,60}
    |enviat\ des\ del?\ .{2,60}|dërguar\ nga\ .{2,60}|dikirim\ dari\ .{2,60}
    |được\ gửi\ từ\ .{2,60}|ส่งจาก\ ?.{2,60}|(?:أُ?رسلت|تم\ الإرسال)\ من\ .{2,60}
    |נשלח\ מ.{2,60}|ارسال\ شده\ از\ .{2,60}|.{2,40}から送信|.{2,40}에서\ 보냄
    |[从從]我的.{2,40}(?:发送|傳送|传送)|[發发]自我的.{2,40}
    |(?:scarica|obtener|obter\ o|downloaden)\ outlook\ (?:per|para|voor)\ .{2,60}
    )[.!]?(?:\s*[<\[(]?https?://\S{1,300})?\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_PHONE_LINE = 200


def split_signature(text: str) -> tuple[str, str]:
    """Return the text before the signature, and the signature (empty if there is none).

    A signature starts at the last ``-- `` line (RFC 3676 4.3) or at a line that a phone or
    mail service adds, with no more than 25 lines of text behind it, and with text before it.
    """
    lines = text.split("\n")
    at = signature_start(lines)
    if at is None or not any(line.strip() for line in lines[:at]):
        return text, ""
    return "\n".join(lines[:at]).rstrip(), "\n".join(lines[at:]).strip("\n")


def signature_start(lines: list[str]) -> int | None:
    """Return the index of the line at which a signature begins, or None."""
    first = len(lines) - 1
    filled = 0
    while first >= 0 and filled <= _MAX_LINES:
        filled += bool(lines[first].strip())
        first -= 1
    for at in range(max(first, 0), len(lines)):
        if is_separator(lines[at]) or is_phone_line(lines[at]):
            return at
    return None


def is_separator(line: str) -> bool:
    """Whether a line is the signature separator, also where a mailer ate its blank."""
    return line in ("-- ", "--", "--\xa0")


def is_phone_line(line: str) -> bool:
    """Whether a line is one that phones and mail services add by themselves."""
    stripped = line.strip(" \t\xa0*_<>()")
    return 5 < len(stripped) <= _MAX_PHONE_LINE and bool(_PHONE_LINES.match(stripped))
