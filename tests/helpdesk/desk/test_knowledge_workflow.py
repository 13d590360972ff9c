"""Authors write and hand in, reviewers approve, publishers publish: each sees their own buttons."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Role, User
from knowledgebase.domain.publish import archive_answer
from knowledgebase.domain.workflow import submit_answer
from knowledgebase.domain.write import TextDraft, save_copy
from knowledgebase.models import Answer
from tests.factories.house import make_house
from tests.factories.knowledge import PASSPORT, make_answer, make_draft, make_editor, make_section
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db


def let(user: User, verb: str) -> Client:
    """Give somebody one verb of the knowledge base and return their browser."""
    role = Role.objects.create(authority=user.authority, name=verb, verbs=[verb])
    user.roles.add(role)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"desk:knowledge{name}", args=args)


def buttons(client: Client, answer: Answer) -> set[str]:
    html = client.get(at("_publish", answer.pk)).content.decode()
    return set(re.findall(r'name="do"\s+value="(\w+)"', html))


def test_each_role_sees_its_own_steps_and_no_other_is_taken() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    author, reviewer = (
        let(house.anna, "write_knowledge"),
        let(house.bert, "review_knowledge"),
    )

    seen = [buttons(author, answer), buttons(reviewer, answer)]
    refused = [
        author.post(at("_publish", answer.pk), {"do": step}).status_code
        for step in ("publish", "approve", "schedule")
    ]
    author.post(at("_publish", answer.pk), {"do": "submit"})
    seen += [buttons(author, answer), buttons(reviewer, answer)]

    assert seen == [{"submit"}, {"submit"}, {"withdraw"}, {"approve", "return", "withdraw"}]
    assert refused == [404, 404, 404]


def test_author_can_neither_archive_nor_shape_sections() -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority))
    author = let(house.anna, "write_knowledge")

    statuses = [
        author.get(at("_archive", answer.pk)).status_code,
        author.get(at("_sections")).status_code,
        author.post(at("_act", answer.pk, "oeffnen")).status_code,
    ]

    assert statuses == [404, 404, 404]
    assert author.get(at("_edit", answer.pk)).status_code == 200


@pytest.mark.parametrize("verb", ["write_knowledge", "review_knowledge", "edit_knowledge"])
def test_only_publishers_show_a_published_answer_to_more_people(verb: str) -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority), visibility="staff")
    browser = let(house.anna, verb)
    sent = {"section": str(answer.section_id), "team": str(house.roads.pk)}

    shown = browser.post(at("_details", answer.pk), sent | {"visibility": "public"})
    answer.refresh_from_db()
    after = answer.visibility
    narrowed = browser.post(at("_details", answer.pk), sent | {"visibility": "team"})

    may = verb == "edit_knowledge"
    assert (shown.status_code, after) == ((302, "public") if may else (422, "staff"))
    assert ("Nur wer veröffentlichen darf" in shown.content.decode()) is not may
    assert narrowed.status_code == 302


def test_authors_propose_more_readers_where_two_people_are_demanded() -> None:
    house = make_house()
    section = make_section(house.authority, needs_review=True)
    answer = make_answer(section, visibility="staff")
    author = let(house.anna, "write_knowledge")
    sent = {"section": str(section.pk), "visibility": "public"}

    saved = author.post(at("_details", answer.pk), sent, follow=True).content.decode()
    # Another detail, sent with what the form shows now, takes nothing back.
    author.post(at("_details", answer.pk), sent | {"review_on": "2100-01-01"})
    answer.refresh_from_db()

    assert (answer.visibility, answer.wanted_visibility) == ("staff", "public")
    assert "Lesende: alle Mitarbeitenden, danach öffentlich" in " ".join(saved.split())
    assert buttons(author, answer) == {"submit"}


def test_giving_back_without_a_reason_is_refused_at_the_field() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    submit_answer(answer_id=answer.pk, user=house.anna)
    reviewer = let(house.bert, "review_knowledge")

    refused = reviewer.post(at("_publish", answer.pk), {"do": "return"})
    reviewer.post(at("_publish", answer.pk), {"do": "return", "reason": "Gebühr fehlt"})

    assert (refused.status_code, "id_reason" in refused.content.decode()) == (422, True)
    assert "Gebühr fehlt" in reviewer.get(at("_edit", answer.pk)).content.decode()


def test_scheduling_by_the_page_needs_a_time_to_come() -> None:
    house = make_house()
    answer = make_draft(make_section(house.authority))
    publisher = let(house.anna, "edit_knowledge")

    answers = [
        publisher.post(at("_publish", answer.pk), {"do": "schedule", "at": when}).status_code
        for when in ("", "übermorgen", "2020-01-01T08:00", "2099-01-01T08:00")
    ]

    answer.refresh_from_db()
    assert answers == [422, 422, 422, 302]
    assert answer.publish_at is not None
    assert answer.publish_at.isoformat() == "2099-01-01T07:00:00+00:00"


def test_compare_shows_what_changes_for_readers_word_by_word() -> None:
    house = make_house()
    answer = make_answer(make_section(house.authority), internal="<p>alt</p>")
    make_editor(house.authority, house.anna)
    save_copy(
        answer_id=answer.pk,
        texts={"de": TextDraft("Reisepass verlängern", PASSPORT.summary, PASSPORT.body)},
        internal="<p>neu</p>",
        revision=1,
        user=house.anna,
    )
    client = Client()
    client.force_login(house.anna)

    html = client.get(at("_compare", answer.pk, 0)).content.decode()
    first = client.get(at("_compare", answer.pk, 1))

    marked = [
        re.findall(rf"<{tag}><span[^>]*>[^<]*</span>([^<]*)<", html) for tag in ("del", "ins")
    ]
    assert [words[0] for words in marked] == ["beantragen", "verlängern"]
    assert first.status_code == 200
    assert client.get(at("_compare", answer.pk, 9)).status_code == 404


@pytest.mark.both_engines
def test_archive_finds_the_successor_by_words_among_what_is_published() -> None:
    house = make_house()
    section = make_section(house.authority)
    old, new = make_answer(section, TextDraft("Alt", "Kurz", "<p>x</p>")), make_answer(section)
    make_draft(section)
    index_everything()
    client = let(house.anna, "edit_knowledge")

    page = client.post(at("_archive", old.pk), {"related_words": "Reisepass", "find": "1"})
    unsure = client.post(at("_archive", old.pk), {"related_words": "Reisepass"})
    offered = [one.key for one in page.context["related"].found]
    client.post(at("_archive", old.pk), {"related": str(new.pk)})

    old.refresh_from_db()
    assert (page.status_code, unsure.status_code, offered) == (200, 422, [new.pk])
    assert (old.state, old.successor) == ("archived", new)
    begin_anew()


def test_list_tells_what_waits_for_a_review() -> None:
    house = make_house()
    section = make_section(house.authority)
    waiting, due = make_draft(section), make_answer(section)
    hidden = make_answer(section, visibility="team", team_id=house.waste.pk)
    submit_answer(answer_id=waiting.pk, user=house.anna)
    Answer.objects.filter(pk__in=[due.pk, hidden.pk]).update(review_on="2020-01-01")
    archive_answer(answer_id=make_answer(section).pk, user=house.anna)
    client = let(house.anna, "edit_knowledge")

    page = client.get(at(""))
    only = client.get(at(""), {"state": "due"})

    assert [(one["state"], one["count"]) for one in page.context["waiting"]] == [
        ("review", 1),
        ("due", 1),
    ]
    assert [row.answer for row in only.context["rows"]] == [due]
