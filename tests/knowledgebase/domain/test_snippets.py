"""Shared texts: written once, shown wherever they are named, never a hole in what readers see."""

import re
import threading
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from helpdesk.agents.models import User
from helpdesk.lib.html import sanitise_knowledge
from helpdesk.reactions.indexing import run
from helpdesk.reactions.tasks import drain
from knowledgebase.checklist import problems_of
from knowledgebase.domain.publish import publish_answer
from knowledgebase.domain.snippets import (
    approve_snippet,
    change_snippet,
    create_snippet,
    delete_snippet,
    drop_proposal,
)
from knowledgebase.domain.workflow import approve_answer, submit_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.enums import Visibility
from knowledgebase.models import Answer, AnswerText, AnswerVersion, Snippet, SnippetUse
from knowledgebase.queries import texts_of
from knowledgebase.search import search_public
from knowledgebase.show import build_answer, plain_answer
from knowledgebase.snippets import filled_as_published
from tests.factories.house import House, make_house
from tests.factories.knowledge import make_answer, make_draft, make_editor, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db

NAMING = TextDraft(
    "Reisepass", "Kurz", "<p>Er kostet {{ gebuehr }}.</p><p>{{zeiten}}</p>", cost="{{gebuehr}}"
)
TIMES = "<p>Offen ist</p><ul><li>montags</li><li>freitags</li></ul>"


@pytest.fixture
def house() -> House:
    return make_house()


def keep(house: House, name: str, **bodies: str) -> Snippet:
    return create_snippet(
        authority_id=house.authority.pk, name=name, about="", bodies=bodies, user=house.anna
    )


def change(snippet: Snippet, user: User, **bodies: str) -> None:
    change_snippet(snippet_id=snippet.pk, about="", bodies=bodies, user=user)


def page(answer: Answer) -> tuple[str, str]:
    answer.refresh_from_db()
    text = texts_of(answer, version_id=answer.live_version_id)["de"]
    built = build_answer(answer, text, [])
    return built.html, built.text.cost


def test_a_change_is_shown_at_once_in_text_facts_and_mails(house: House) -> None:
    fee, _times = (
        keep(house, "gebuehr", de="<p><strong>70</strong> Euro</p>"),
        keep(house, "zeiten", de=TIMES),
    )
    answer = make_answer(make_section(house.authority), NAMING)

    before = page(answer)
    change(fee, house.anna, de="<p><strong>75</strong> Euro</p>")
    text = texts_of(answer, version_id=answer.live_version_id)["de"]

    assert before == (f"<p>Er kostet <strong>70</strong> Euro.</p>{TIMES}", "70 Euro")
    assert page(answer) == (f"<p>Er kostet <strong>75</strong> Euro.</p>{TIMES}", "75 Euro")
    assert "Er kostet 75 Euro." in plain_answer(text, house.authority)


def test_a_version_keeps_what_was_shown_when_it_was_published(house: House) -> None:
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    keep(house, "zeiten", de=TIMES)
    answer = make_answer(make_section(house.authority), NAMING)

    change(fee, house.anna, de="<p>75 Euro</p>")
    version = answer.versions.get()
    kept = filled_as_published(texts_of(answer, version_id=version.pk)["de"], version)

    assert (kept.cost, kept.body) == ("70 Euro", f"<p>Er kostet 70 Euro.</p>{TIMES}")


def test_the_search_finds_by_the_words_of_today(house: House) -> None:
    keep(house, "zeiten", de=TIMES)
    fee = keep(house, "gebuehr", de="<p>siebzig Euro</p>")
    answer = make_answer(make_section(house.authority), NAMING)
    begin_anew()
    index_everything()

    change(fee, house.anna, de="<p>umsonst</p>")
    drain(until=time.monotonic() + 60)
    run(until=time.monotonic() + 60)

    found = search_public(house.authority.pk, "umsonst").keys
    assert (list(found), list(search_public(house.authority.pk, "siebzig").keys)) == (
        [answer.pk],
        [],
    )


def test_publishing_refuses_what_would_leave_a_hole_or_break_a_sentence(house: House) -> None:
    keep(house, "gebuehr", de="<p>eins</p><p>zwei</p>")
    draft = make_draft(make_section(house.authority), NAMING, texts={"en": NAMING})

    wrong = [(problem.field, problem.sentence) for problem in problems_of(draft)]

    assert [(field, "zeiten" in words) for field, words in wrong] == [
        ("body_de", True),
        ("body_de", False),
        ("body_en", False),
        ("body_en", True),
    ]


def test_a_text_that_answers_name_is_neither_deleted_nor_emptied_nor_split(house: House) -> None:
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>", en="<p>70 euros</p>")
    body = TextDraft("Fee", "Short", "<p>It costs {{ gebuehr }}.</p>")
    answer = make_answer(make_section(house.authority), body, texts={"en": body})

    for bodies in (
        {"de": "<p>70</p>"},
        {"de": "<p>eins</p><p>zwei</p>", "en": "<p>70</p>"},
    ):
        with pytest.raises(ValidationError):
            change(fee, house.anna, **bodies)
    with pytest.raises(ValidationError):
        delete_snippet(snippet_id=fee.pk, user=house.anna)
    answer.refresh_from_db()
    plain = TextDraft("Fee", "Short", "<p>Free.</p>")
    save_copy(
        answer_id=answer.pk,
        texts={"de": plain, "en": plain},
        internal="",
        revision=answer.revision,
        user=house.anna,
    )
    publish_answer(answer_id=answer.pk, user=house.anna)
    delete_snippet(snippet_id=fee.pk, user=house.anna)

    assert not Snippet.objects.exists()
    assert [version.snippets for version in answer.versions.order_by("number")] == [
        {"de": {"gebuehr": "<p>70 Euro</p>"}, "en": {"gebuehr": "<p>70 euros</p>"}},
        {},
    ]


@pytest.mark.parametrize(
    "name,body,field",
    [
        ("Gebühr", "<p>1</p>", "name"),
        ("gebuehr", "<p>{{zeiten}}</p>", "body_de"),
        ("gebuehr", "<h2>Gebühr</h2><p>1</p>", "body_de"),
        ("gebuehr", "  ", "body_de"),
        ("gebuehr", f"<p>{'a' * 5000}</p>", "body_de"),
    ],
)
def test_create_snippet_refuses_by_field(house: House, name: str, body: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        keep(house, name, de=body)

    assert list(refused.value.message_dict) == [field]


def test_what_is_put_in_is_cleaned_and_never_stands_within_a_tag(house: House) -> None:
    keep(house, "gebuehr", de='<p>70<script>alert(1)</script> <img src="https://x.de/a"></p>')
    body = '<p>{{gebuehr}} <a href="https://example.org/{{gebuehr}}">x</a> {{{{gebuehr}}}}</p>'

    html, _cost = page(make_answer(make_section(house.authority), TextDraft("A", "B", body)))

    assert "script" not in html
    assert html.count("70") == 2
    assert "<img" not in html


def test_texts_that_named_it_before_it_was_there_count_as_naming_it(house: House) -> None:
    draft = make_draft(make_section(house.authority), NAMING)

    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")

    with pytest.raises(ValidationError):
        delete_snippet(snippet_id=fee.pk, user=house.anna)
    assert fee.uses.get().text.answer_id == draft.pk


def test_where_answers_need_two_people_a_change_waits_for_the_second(house: House) -> None:
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    strict = make_section(house.authority, "Satzungen", needs_review=True)
    answer = make_answer(strict, TextDraft("Pass", "Kurz", "<p>{{gebuehr}}</p>"))

    change(fee, house.anna, de="<p>75 Euro</p>")
    waiting = page(answer)[0]
    with pytest.raises(ValidationError):
        approve_snippet(snippet_id=fee.pk, user=house.anna)
    approve_snippet(snippet_id=fee.pk, user=house.bert)

    assert (waiting, page(answer)[0]) == ("<p>70 Euro</p>", "<p>75 Euro</p>")


def test_words_that_were_approved_wait_for_a_second_person_too(house: House) -> None:
    """Otherwise who wrote an approved draft could change what it says before it is published."""
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    strict = make_section(house.authority, "Satzungen", needs_review=True)
    draft = make_draft(strict, TextDraft("Pass", "Kurz", "<p>{{gebuehr}}</p>"))
    submit_answer(answer_id=draft.pk, user=house.anna)
    approve_answer(answer_id=draft.pk, user=house.bert)

    change(fee, house.anna, de="<p>umsonst</p>")
    publish_answer(answer_id=draft.pk, user=house.anna)

    assert page(draft)[0] == "<p>70 Euro</p>"


def test_who_saves_a_proposal_as_it_stands_has_not_written_it(house: House) -> None:
    """Otherwise its writer could approve it once a colleague has put a word beside it."""
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    strict = make_section(house.authority, "Satzungen", needs_review=True)
    make_answer(strict, TextDraft("Pass", "Kurz", "<p>{{gebuehr}}</p>"))
    change(fee, house.anna, de="<p>75 Euro</p>")

    proposed = {"de": "<p>75 Euro</p>"}
    change_snippet(snippet_id=fee.pk, about="Seit Mai", bodies=proposed, user=house.bert)

    fee.refresh_from_db()
    assert (fee.about, fee.proposed_by, fee.proposed) == ("Seit Mai", house.anna, proposed)
    with pytest.raises(ValidationError):
        approve_snippet(snippet_id=fee.pk, user=house.anna)


def test_nobody_writes_over_or_approves_what_they_have_not_seen(house: House) -> None:
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    strict = make_section(house.authority, "Satzungen", needs_review=True)
    make_answer(strict, TextDraft("Pass", "Kurz", "<p>{{gebuehr}}</p>"))
    change(fee, house.anna, de="<p>75 Euro</p>")
    fee.refresh_from_db()
    seen, unseen, other = fee.state_mark, {"de": "<p>750 Euro</p>"}, {"de": "<p>80 Euro</p>"}
    change_snippet(snippet_id=fee.pk, about="", bodies=unseen, user=house.anna, seen=seen)

    with pytest.raises(ValidationError):
        approve_snippet(snippet_id=fee.pk, user=house.bert, seen=seen)
    with pytest.raises(ValidationError):
        change_snippet(snippet_id=fee.pk, about="", bodies=other, user=house.bert, seen=seen)
    with pytest.raises(ValidationError):
        drop_proposal(snippet_id=fee.pk, user=house.bert, seen=seen)
    # Pressed twice it says the same, and is no quarrel.
    change_snippet(snippet_id=fee.pk, about="", bodies=unseen, user=house.anna, seen=seen)
    fee.refresh_from_db()

    assert fee.proposed == unseen
    approve_snippet(snippet_id=fee.pk, user=house.bert, seen=fee.state_mark)
    assert fee.texts.get().body == "<p>750 Euro</p>"


def test_a_refusal_names_no_answer_that_a_team_keeps_for_itself(house: House) -> None:
    fee = keep(house, "gebuehr", de="<p>70 Euro</p>")
    body = TextDraft("Pass", "Kurz", "<p>Er kostet {{gebuehr}}.</p>")
    place = {"visibility": Visibility.TEAM, "team_id": house.waste.pk}
    theirs = make_answer(make_section(house.authority), body, **place)
    make_editor(house.authority, house.bert)

    said = []
    for user in (house.anna, house.bert):
        with pytest.raises(ValidationError) as refused:
            change(fee, user, de="<p>eins</p><p>zwei</p>")
        said.append(re.findall(r"\d+", refused.value.messages[0]))

    assert said == [[], [str(theirs.pk)]]


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_a_text_and_what_it_names_written_at_once_see_each_other(house: House) -> None:
    """Otherwise the shared text could be deleted although an answer names it."""
    draft = make_draft(make_section(house.authority), TextDraft("Pass", "Kurz", "<p>Neu</p>"))
    naming = TextDraft("Pass", "Kurz", "<p>{{gebuehr}}</p>")
    is_written, may_end = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                save_copy(
                    answer_id=draft.pk,
                    texts={"de": naming},
                    internal="",
                    revision=draft.revision,
                    user=house.anna,
                )
                is_written.set()
                may_end.wait(0.3)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    is_written.wait(10)
    keep(house, "gebuehr", de="<p>70 Euro</p>")
    may_end.set()
    writer.join()

    assert SnippetUse.objects.filter(text__answer=draft).count() == 1


def test_what_a_version_showed_is_cleaned_with_what_was_put_in() -> None:
    piece = '<p>siehe <a href="https://example.org/a">hier</a></p>'
    text = AnswerText(language="de", body='<p><a href="https://example.org/b">{{a}}</a></p>')

    shown = filled_as_published(text, AnswerVersion(snippets={"de": {"a": piece}})).body

    assert shown == sanitise_knowledge(shown)
    assert "hier" in shown
