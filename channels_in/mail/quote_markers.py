"""How mail programs of many languages announce the history they put under an answer."""

# ruff: noqa: RUF001 - words of many alphabets; some letters look like Latin ones

import re

from helpdesk.lib.subjects import FORWARD_PREFIXES as SUBJECTS_OF_FORWARDS

# Our own line at the top of what we send, above the text a citizen answers to.
SEPARATORS = (
    "-- Bitte schreiben Sie Ihre Antwort über diese Zeile --",
    "-- Please write your answer above this line --",
)

# "… wrote" in the attribution line of a quote.
WROTE = (
    # German, English, Dutch, Afrikaans, Nordic
    "schrieb|schreibt|geschrieben|schreef|geskryf|wrote|writes|skrev|skreiv|skrifaði|skrivað|kirjoitti|"
    # Romance
    "a écrit|écrit|ha scritto|scritto|scrive|escribió|escribi[oó]|escreveu|ha escrit|escrigué|"
    "a scris|scrisse|ha scrit|escribiu|"
    # Slavic
    "napisa[łl]\\(?a?\\)?|napisa[łl]|pisze|napsal\\(?a?\\)?|napsal|napísal\\(?a?\\)?|píše|napisao|"
    "napisala|napisal|je pisal|написал[аи]?|написал\\(а\\)|пишет|пише|написав|написала|напиша|"
    "напісаў|"
    # others of Europe
    "írta|ezt írta|yazdı|yazmış|έγραψε|rakstīja|parašė|rašė|kirjutas|idatzi du|scríobh|shkroi|"
    # beyond
    "nivîsand|nivîsî|כתב|כתבה|كتب|كتبت|نوشت|نوشته است|لکھا|đã viết|menulis|aliandika|เขียนว่า|"
    "写道|寫道|书写|のメール|書きました|님이 작성|작성|쓴 글|씀|ने लिखा|লিখেছেন|"
    "დაწერა|წერს|գրել է|жазды|yazıb|піша|напісала?|ysgrifennodd|idatzi zuen"
)
# First words of an attribution without a verb (Horde).
QUOTING = re.compile(
    r"(?:zitat von|quoting|citando(?: a)?|citation de|cytowanie|citat från|citaat van|citát od|"
    r"цитирую|цитата от)\b",
    re.IGNORECASE,
)
WROTE_WORD = re.compile(
    rf"(?<!\w)(?:{WROTE})(?!\w)|写道|寫道|のメール|작성|쓴 글|เขียนว่า", re.IGNORECASE
)
# First words of an attribution line; they tell where a wrapped one begins.
STARTS = re.compile(
    r"(?:am|on|le|el|il|em|op|den|dne|dňa|dnia|w\s+dniu|dana|ti|pe|la|στις|на|a|al|ngày|vào|"
    r"pada|tarihinde|i|in|den|il\s+giorno|le\s+jour|kl|v|у|в|во|на|on\s+the|στο|kuupäeval|"
    r"mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|"
    r"pon|wt|śr|czw|pt|sob|niedz|пн|вт|ср|чт|пт|сб|вс|нд|út|st|čt|pá|so|ne|po|"
    r"\d{1,4})[\s.,\-/年월]",
    re.IGNORECASE,
)

# Labels of the header block that Outlook and others put above the history, by their meaning.
_FROM = (
    "von|absender|from|de|da|van|fra|från|frá|lähettäjä|feladó|od|от|від|от кого|відправник|"
    "expéditeur|remitente|mittente|afzender|nadawca|gönderen|kimden|kimdən|από|expeditor|de la|"
    "odesílatel|odosielateľ|pošiljatelj|kellelt|saatja|no|nuo|発信者|差出人|发件人|寄件者|寄件人|"
    "보낸 사람|מאת|من|از|từ|người gửi|dari|จาก|ji|šalje|од|ад|sūtītājs|nga|nork|प्रेषक|"
    "gönderici"
)
_SENT = (
    "gesendet|gesendet am|datum|sent|date|envoyé|envoyé le|enviado|enviado el|enviada|"
    "enviada em|inviato|inviata|data|verzonden|fecha|sendt|skickat|lähetetty|päivämäärä|päiväys|"
    "elküldve|dátum|wysłano|wysłane|odesláno|odoslané|poslano|отправлено|дата|надіслано|"
    "изпратено|gönderildi|gönderme tarihi|tarih|gönderilme|ημερομηνία|στάλθηκε|εστάλη|trimis|"
    "dată|saadetud|kuupäev|nosūtīts|datums|išsiųsta|送信日時|日時|发送时间|日期|寄件日期|傳送時間|"
    "보낸 날짜|날짜|נשלח|תאריך|التاريخ|تاريخ الإرسال|تاریخ|đã gửi|ngày|tanggal|dikirim|วันที่|"
    "poslato|rêkeftî|verschickt|dato|küldve|послато|испратено|відправлено|адпраўлена|"
    "gönderim|تم الإرسال|ارسال شده|gửi|ส่ง|dërguar|enviat|enviado o|bidalia|şandin|भेजा गया|"
    "enviada el|lähetyspäivä|send|sendt den|дата и время|time"
)
_TO = (
    "an|to|à|a|para|per|aan|til|till|vastaanottaja|címzett|do|komu|pre|za|prima|кому|до|до кого|"
    "kime|alıcı|προς|către|catre|la|kellele|saaja|kam|adresāts|kam|gavėjas|宛先|收件人|收件者|"
    "받는 사람|אל|إلى|به|đến|kepada|untuk|ถึง|empfänger|destinataire|destinatario|destinatário|"
    "odbiorca|příjemce|adresát|primatelj|ji bo|kome|коме|каму|adressaat|tới|për|per a|nori|bo|"
    "प्रति|за"
)
_SUBJECT = (
    "betreff|subject|objet|asunto|assunto|oggetto|onderwerp|emne|ämne|aihe|tárgy|temat|předmět|"
    "predmet|тема|относно|konu|θέμα|subiect|teema|temats|tēma|tema|件名|主题|主旨|제목|נושא|"
    "الموضوع|موضوع|chủ đề|tiêu đề|subjek|perihal|เรื่อง|efni|mijar|zadeva|naslov|наслов|"
    "предмет|тэма|assumpte|subjekti|gaia|विषय"
)
_COPY = (
    "cc|bcc|kopie|copie|copia|cópia|kopi|kopio|másolat|dw|kopia|копия|копія|bilgi|κοιν|"
    "antwort an|reply-to|wichtigkeit|importance|anlagen|attachments|priorität"
)


# The meaning of each label, in the order in which an ambiguous one is read.
LABELS: dict[str, str] = {}
for _kind, _words in (
    ("sent", _SENT),
    ("from", _FROM),
    ("to", _TO),
    ("subject", _SUBJECT),
    ("copy", _COPY),
):
    for _word in _words.split("|"):
        LABELS.setdefault(_word, _kind)

# "Original message" between dashes: announces an answered mail.
ORIGINAL = re.compile(
    r"\s*[-_=*]{2,30}\s*(?:"
    r"urspr(?:ü|ue)ngliche (?:nachricht|e-?mail|mail|mitteilung)|"
    r"original[- ]?(?:nachricht|e?-?mail)|"
    r"original(?:e)? (?:message|e?-?mail|appointment)|"
    r"(?:message|mail) (?:d['’]origine|original)|mensaje original|mensagem original|"
    r"messaggio originale|oorspronkelijk bericht|oprindelig meddelelse|original besked|"
    r"opprinnelig melding|ursprungligt meddelande|originalmeddelande|alkuperäinen viesti|"
    r"eredeti üzenet|oryginalna wiadomość|wiadomość oryginalna|původní (?:zpráva|e-mail)|"
    r"pôvodná správa|izvirno sporočilo|izvorna poruka|originalna poruka|"
    r"исходное сообщение|оригинальное сообщение|пересылаемое сообщение|вихідне повідомлення|"
    r"оригинално съобщение|orijinal (?:mesaj|ileti)|özgün ileti|αρχικό μήνυμα|mesaj original|"
    r"algne kiri|sākotnējais ziņojums|originalus laiškas|元のメッセージ|原始邮件|原始郵件|"
    r"원본 (?:메시지|메일)|הודעה מקורית|الرسالة الأصلية|thư gốc|pesan asli|algkiri|邮件原件|"
    r"початкове повідомлення|оригинал сообщения|reply message|antwortnachricht|missatge original|"
    r"mesazhi origjinal|originele? (?:bericht|e-?mail)|پیام اصلی|peyama resen|"
    r"(?:orjinal|asıl) (?:mesaj|ileti)|urspr\. mitt\.|upprunaleg skilaboð|jatorrizko mezua"
    r")\s*[-_=*]{2,30}\s*",
    re.IGNORECASE,
)

# Tobit's david marks the history in words of its own.
PROCESSED = re.compile(
    r"\s*(?:original (?:message|nachricht)|originalnachricht) "
    r"(?:processed by|verarbeitet (?:von|durch)) .{2,40}",
    re.IGNORECASE,
)

# Announces a mail passed on: what follows is content, not history.
FORWARDED = re.compile(
    r"\s*(?:[-_=]{2,30}\s*)?(?:"
    r"(?:forwarded message|weitergeleitete nachricht|message transféré|messaggio inoltrato|"
    r"mensaje reenviado|mensagem encaminhada|doorgestuurd bericht|"
    r"videresendt (?:meddelelse|melding)|"
    r"vidarebefordrat meddelande|välitetty viesti|továbbított üzenet|wiadomość przekazana|"
    r"przekazana wiadomość|přeposlaná zpráva|preposlaná správa|пересылаемое сообщение|"
    r"переслане повідомлення|iletilen mesaj|iletilmiş mesaj|προωθημένο μήνυμα|mesaj redirecționat|"
    r"転送されたメッセージ|转发的邮件|转发邮件|전달된 메시지)\s*[-_=]{2,30}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du message (?:transféré|réexpédié)|inizio messaggio inoltrato|"
    r"inicio del mensaje reenviado|início da mensagem (?:reencaminhada|encaminhada)|"
    r"begin doorgestuurd bericht|początek przekazywanej wiadomości|"
    r"начало переадресованного сообщения|iletilmiş mesajın başlangıcı|"
    r"weitergeleiteter? nachricht)\s*:?)\s*",
    re.IGNORECASE,
)

# "See my answers below": what is typed stands inside the history.
INLINE_HINT = re.compile(
    r"(?:siehe|s\.|antwort\w*|kommentar\w*|anmerkung\w*|eingefügt|ergänz\w*|weiter)\s*"
    r"(?:\w+\s+){0,3}(?:unten|u\.|im text|in rot|rot|blau|grün|fett|inline|gelb)\b"
    r"|\bin (?:rot|blau|grün|red|blue|green)\b|\bim (?:unteren|folgenden) text\b"
    r"|\b(?:answers?|comments?|replies|see|my \w+)\b.{0,40}\b(?:below|inline|in-line)\b"
    r"|\b(?:voir|réponses?)\b.{0,40}\b(?:ci-dessous|en rouge|plus bas)\b"
    r"|\bs\.\s?u\.|\bsee inline\b|\binline\b",
    re.IGNORECASE,
)

# What mail programs put before a subject, passed on or answered.
_FORWARDS = "|".join(SUBJECTS_OF_FORWARDS)
_ANSWERS = (
    "re|aw|antw|antwort|sv|ref|rif|odp|res|rép|vá|ynt|yan|απ|bls|r|atb|回复|答复|回覆|답장|на|отв"
)
FORWARD_PREFIXES = frozenset(SUBJECTS_OF_FORWARDS)
PREFIX = re.compile(
    rf"\s*({_FORWARDS}|{_ANSWERS})(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s?[:\uff1a]", re.IGNORECASE
)
