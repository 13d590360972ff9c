"""A mail as its sender laid it out, mails inside mails, cards and folded pictures in the thread."""

import pytest
from django.urls import reverse

from helpdesk.files.store import put
from helpdesk.tickets.inbound import InboundFile
from helpdesk.tickets.models import Article, Attachment, Ticket
from tests.channels_in.mail.test_certificates import signature
from tests.factories.house import House, make_house, make_ticket
from tests.helpdesk.desk.pages import Page, page_of, signed_in

pytestmark = pytest.mark.django_db
PIXEL = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
REMOTE = "https://bild.example/pixel.png"
INVITATION = b"""\
BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Ortstermin Linde
DTSTART;TZID=Europe/Berlin:20261203T100000
LOCATION:Marktplatz 1
END:VEVENT
END:VCALENDAR
"""
OUTER = b"""\
From: Otto <otto@example.org>
Subject: =?utf-8?q?Au=C3=9Fen?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Der weitergeleitete <b>Text</b>
--b
Content-Type: message/rfc822

From: ida@example.org
Subject: Innen
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: text/plain

Ganz innen
--c
Content-Type: text/html; name=seite.html
Content-Disposition: attachment; filename=seite.html

<script>alert(1)</script>
--c--
--b--
"""


@pytest.fixture
def house() -> House:
    return make_house()


def _file(content: bytes, name: str, kind: str, cid: str = "") -> InboundFile:
    stored = put(content, kind)
    return InboundFile(stored.pk, name, kind, stored.size, is_inline=bool(cid), cid=cid)


def _with_html(house: House, html: str, *files: InboundFile) -> Article:
    return Article.objects.get(ticket=make_ticket(house, html=html, files=files))


def _formatted(house: House, article: Article, query: str = "") -> Page:
    return signed_in(house.anna).get(reverse("desk:formatted", args=(article.pk,)) + query)


def _page(house: House, ticket: Ticket) -> str:
    return signed_in(house.anna).get(page_of(ticket)).content.decode()


def test_the_formatted_view_shows_sanitised_html_in_a_locked_document(house: House) -> None:
    article = _with_html(house, "<p>Hallo <b>Stadt</b></p><script>alert(1)</script>")

    response = _formatted(house, article)

    assert "<p>Hallo <b>Stadt</b></p>" in response.content.decode()
    assert "<script" not in response.content.decode()
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Referrer-Policy"] == "no-referrer"


def test_pictures_of_other_servers_wait_until_they_are_asked_for(house: House) -> None:
    article = _with_html(house, f'<p>Hallo<img data-remote-src="{REMOTE}" alt="Logo"></p>')

    held = _formatted(house, article)
    loaded = _formatted(house, article, "?pictures")

    assert f' src="{REMOTE}"' not in held.content.decode()
    assert "img-src 'self'" in held["Content-Security-Policy"].split("; ")
    assert 'href="?pictures"' in held.content.decode()
    assert f' src="{REMOTE}" referrerpolicy="no-referrer"' in loaded.content.decode()
    policy = loaded["Content-Security-Policy"].split("; ")
    assert "img-src 'self' https: http:" in policy
    assert 'href="?pictures"' not in loaded.content.decode()


def test_pictures_of_the_mail_itself_are_shown_in_place(house: House) -> None:
    picture = _file(PIXEL, "plan.png", "image/png", cid="plan@x")
    article = _with_html(house, '<p><img data-cid="plan@x" alt="Plan"></p>', picture)
    address = reverse("desk:attachment", args=(Attachment.objects.get().pk,))

    body = _formatted(house, article).content.decode()

    assert f'<img src="{address}?inline" alt="Plan">' in body
    shown = signed_in(house.anna).get(f"{address}?inline")
    assert shown["Content-Disposition"].startswith("inline")
    shown.close()


def test_a_message_without_html_has_no_formatted_view(house: House) -> None:
    article = _with_html(house, "")

    assert _formatted(house, article).status_code == 404
    assert reverse("desk:formatted", args=(article.pk,)) not in _page(house, article.ticket)


def test_the_thread_leads_to_the_formatted_view_of_a_mail(house: House) -> None:
    ticket = make_ticket(house, html="<p>Hallo</p>", raw_message_id=7)
    address = reverse("desk:formatted", args=(Article.objects.get().pk,))

    assert f'href="{address}" data-formatted' in _page(house, ticket)


def test_a_mail_inside_a_mail_can_be_read_and_so_can_its_files(house: House) -> None:
    ticket = make_ticket(house, files=(_file(OUTER, "Außen.eml", "message/rfc822"),))
    file = Attachment.objects.get()
    outer = reverse("desk:message", args=(file.pk,))
    client = signed_in(house.anna)

    page = client.get(outer).content.decode()
    inner = client.get(reverse("desk:message_inner", args=(file.pk, "0"))).content.decode()
    inner_file = client.get(reverse("desk:message_file", args=(file.pk, "0-0")))

    assert f'href="{outer}"' in _page(house, ticket)
    assert "<h1>Außen</h1>" in page
    assert "Otto &lt;otto@example.org&gt;" in page
    assert "Der weitergeleitete &lt;b&gt;Text&lt;/b&gt;" in page
    assert "<h1>Innen</h1>" in inner
    assert "Ganz innen" in inner
    assert inner_file.content == b"<script>alert(1)</script>"
    assert inner_file["Content-Disposition"].startswith("attachment")
    assert inner_file["Content-Type"] == "application/octet-stream"
    assert "sandbox" in inner_file["Content-Security-Policy"]


@pytest.mark.parametrize("places", ["1", "0-1", "0-0-0", "9999"])
def test_a_place_in_a_mail_where_nothing_stands_is_not_there(house: House, places: str) -> None:
    make_ticket(house, files=(_file(OUTER, "a.eml", "message/rfc822"),))
    file = Attachment.objects.get()

    for name in ("desk:message_inner", "desk:message_file"):
        response = signed_in(house.anna).get(reverse(name, args=(file.pk, places)))
        assert response.status_code == 404


def test_nothing_of_a_withdrawn_article_is_there(house: House) -> None:
    article = _with_html(house, "<p>Hallo</p>", _file(OUTER, "a.eml", "message/rfc822"))
    key = Attachment.objects.get().pk
    addresses = [
        reverse("desk:formatted", args=(article.pk,)),
        reverse("desk:message", args=(key,)),
        reverse("desk:message_inner", args=(key, "0")),
        reverse("desk:message_file", args=(key, "0")),
    ]
    client = signed_in(house.anna)
    before = [client.get(address).status_code for address in addresses]

    Article.objects.update(is_withdrawn=True)

    assert before == [200] * 4
    assert [client.get(address).status_code for address in addresses] == [404] * 4


def test_only_mails_can_be_read_as_mails(house: House) -> None:
    make_ticket(house, files=(_file(b"Text", "a.txt", "text/plain"),))

    response = signed_in(house.anna).get(
        reverse("desk:message", args=(Attachment.objects.get().pk,))
    )

    assert response.status_code == 404


def test_an_invitation_is_a_card_and_stays_a_file(house: House) -> None:
    ticket = make_ticket(house, files=(_file(INVITATION, "invite.ics", "text/calendar"),))

    page = _page(house, ticket)

    assert "<b>Ortstermin Linde</b>" in page
    assert "3. Dezember 2026, 10:00" in page
    assert "Marktplatz 1" in page
    assert "invite.ics" in page


def test_a_certificate_that_came_along_is_a_card_that_says_it_is_not_checked(house: House) -> None:
    signed = _file(signature(), "smime.p7s", "application/pkcs7-signature")
    broken = _file(b"0" + PIXEL, "kaputt.p7s", "application/pkcs7-signature")
    ticket = make_ticket(house, crypto="signed", files=(signed, broken))

    page = _page(house, ticket)

    assert page.count('<section class="date-card">') == 1
    assert "Zertifikat, das mitkam, nicht geprüft" in page
    assert "<b>Clara Citizen &lt;clara@example.org&gt;</b>" in page
    assert "1. Januar 2026 – 31. Dezember 2028" in page
    assert "smime.p7s" in page
    assert "kaputt.p7s" in page


def test_pictures_of_the_text_are_folded_and_can_be_fetched(house: House) -> None:
    inline = _file(PIXEL, "logo.png", "image/png", cid="logo@x")
    photo = _file(PIXEL + b"1", "foto.png", "image/png")
    ticket = make_ticket(house, html='<img data-cid="logo@x">', files=(inline, photo))

    listed, _, folded = _page(house, ticket).partition('<details class="quote pictures">')

    assert "foto.png" in listed
    assert "logo.png" not in listed
    assert "logo.png" in folded


def test_a_picture_that_comes_again_with_each_mail_is_folded(house: House) -> None:
    first = make_ticket(house, files=(_file(PIXEL, "logo.png", "image/png"),))
    article = Article.objects.get()
    stored = put(PIXEL, "image/png")
    again = Article.objects.create(
        ticket=first,
        kind="message",
        channel="mail",
        text="Noch etwas",
        received_at=article.received_at,
    )
    Attachment.objects.create(
        article=again, file=stored, name="image001.png", content_type="image/png", size=stored.size
    )

    listed, _, folded = _page(house, first).partition('<details class="quote pictures">')

    assert "logo.png" in listed
    assert "image001.png" in folded


def test_a_signature_is_folded_and_not_dropped(house: House) -> None:
    ticket = make_ticket(house, text="Die Lampe ist aus.\n\n-- \nErika Berger\n02631 4711")

    body, _, folded = _page(house, ticket).partition('<details class="quote">')

    assert "Die Lampe ist aus." in body
    assert "02631 4711" not in body
    assert "02631 4711" in folded
