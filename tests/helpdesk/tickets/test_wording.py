"""A marked text in thread, mail, status page, interface and draft: one source, one look."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.portal.views.status import message_of
from helpdesk.tickets.domain.articles import Answer, withdraw_answer, write_answer, write_note
from helpdesk.tickets.domain.forward import Forward, forward_messages
from helpdesk.tickets.domain.intake import accept
from helpdesk.tickets.domain.wording import shown_html
from helpdesk.tickets.enums import ArticleKind
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Article, ArticleDraft
from helpdesk.tickets.queries import thread
from tests.factories.house import House, make_house, make_inbound, make_ticket
from tests.helpdesk.desk.pages import page_of, signed_in

pytestmark = pytest.mark.django_db
TYPED = "Wir brauchen **zwei** Dinge:\n- [das Formular](https://stadt.example/f)\n- ein Foto"
LOOK = (
    "<p>Wir brauchen <strong>zwei</strong> Dinge:</p><ul><li>"
    '<a href="https://stadt.example/f" rel="noopener noreferrer nofollow">das Formular</a></li>'
    "<li>ein Foto</li></ul>"
)
PLAIN = "Wir brauchen zwei Dinge:\n- das Formular <https://stadt.example/f>\n- ein Foto"


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def anna(house: House) -> Client:
    return signed_in(house.anna)


def test_an_answer_looks_the_same_wherever_it_is_read(house: House, anna: Client) -> None:
    ticket = make_ticket(house)

    anna.post(
        f"{page_of(ticket)}answer/",
        {"body": TYPED, "form_key": "form-1", "then": "open", "despite_newer": "1"},
    )

    article = ticket.articles.get(kind=ArticleKind.ANSWER)
    assert (article.text, article.html, article.source) == (PLAIN, LOOK, TYPED)
    assert article.outgoing is not None
    assert PLAIN in article.outgoing.text
    assert LOOK in article.outgoing.html
    assert message_of(ticket, article).html == LOOK
    assert LOOK in anna.get(page_of(ticket)).content.decode()


def test_what_is_taken_back_is_what_was_typed(house: House) -> None:
    ticket = make_ticket(house)
    answer = Answer(ticket.pk, TYPED, "form-1", is_marked=True, despite_newer=True)

    article = write_answer(answer=answer, user=house.anna)

    assert withdraw_answer(article_id=article.pk, user=house.anna) == TYPED
    assert ArticleDraft.objects.get().body == TYPED


def test_a_citizens_words_are_never_read_for_marks(house: House, anna: Client) -> None:
    ticket = make_ticket(house, text="**Laut** [hier](https://x.example)", html="<b>Laut</b>")
    (message,) = thread(ticket)

    assert shown_html(message) == (
        '<p>**Laut** [hier](<a href="https://x.example" rel="noopener noreferrer nofollow">'
        "https://x.example</a>)</p>"
    )
    assert shown_html(message) in anna.get(page_of(ticket)).content.decode()


def test_a_note_that_a_colleague_mailed_is_shown_by_its_words_and_never_by_its_html(
    house: House, anna: Client
) -> None:
    ticket = make_ticket(house)
    mailed = make_inbound(
        house,
        kind=ArticleKind.NOTE,
        by_user_id=house.anna.pk,
        ticket_id=ticket.pk,
        person=Person("Anna Abend", house.anna.email),
        text="Schon beauftragt.",
        html="<h1>Schon beauftragt.</h1><blockquote>Zitiertes</blockquote>",
        message_id="<note@example.org>",
    )
    note = Article.objects.get(pk=accept(mailed).article_id)

    assert shown_html(note) == "<p>Schon beauftragt.</p>"
    (shown,) = (each for each in thread(ticket) if each.kind == ArticleKind.NOTE)
    assert (shown.html, shown_html(shown)) == ("", "<p>Schon beauftragt.</p>")
    page = anna.get(page_of(ticket)).content.decode()
    assert '<div class="art-body"><p>Schon beauftragt.</p></div>' in page


def test_what_was_written_before_or_by_a_program_keeps_its_stars(house: House) -> None:
    ticket = make_ticket(house)

    article = write_answer(
        answer=Answer(ticket.pk, "**Alt**", "form-1", despite_newer=True), user=house.anna
    )

    assert (article.text, article.html) == ("**Alt**", "")
    assert shown_html(article) == "<p>**Alt**</p>"


def test_a_note_and_what_is_forwarded_take_marks_too(house: House) -> None:
    ticket = make_ticket(house)
    note = write_note(ticket_id=ticket.pk, user=house.anna, text="**eilig**", is_marked=True)
    write_answer(
        answer=Answer(ticket.pk, TYPED, "form-1", is_marked=True, despite_newer=True),
        user=house.anna,
    )
    chosen = tuple(Article.objects.filter(ticket=ticket).values_list("pk", flat=True))

    sent = forward_messages(
        forward=Forward(
            ticket.pk, ("bauhof@kreis.example",), "Bitte *bald*.", "form-2", chosen, is_marked=True
        ),
        user=house.anna,
    )

    assert (note.text, note.html) == ("eilig", "<p><strong>eilig</strong></p>")
    assert sent.outgoing is not None
    assert "<p>Bitte <em>bald</em>.</p>" in sent.outgoing.html
    assert LOOK in sent.outgoing.html
    assert PLAIN in sent.outgoing.text


def test_the_preview_shows_marks_and_no_tag_that_was_typed(house: House, anna: Client) -> None:
    ticket = make_ticket(house)

    page = anna.post(reverse("desk:preview", args=[ticket.number]), {"body": "**<b>x</b>**"})

    assert page.content.decode() == "<p><strong>&lt;b&gt;x&lt;/b&gt;</strong></p>"
