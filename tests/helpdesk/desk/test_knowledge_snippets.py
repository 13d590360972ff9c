"""Shared texts by their pages: publishers write them, all editors see and use them."""

import pytest
from django.test import Client
from django.urls import reverse

from helpdesk.agents.models import Role, User
from knowledgebase.domain.snippets import change_snippet, create_snippet
from knowledgebase.domain.write import TextDraft
from knowledgebase.models import Snippet
from tests.factories.house import House, make_agent, make_house
from tests.factories.knowledge import make_answer, make_section

pytestmark = pytest.mark.django_db

NAMING = TextDraft("Reisepass", "Kurz", "<p>Er kostet {{gebuehr}}.</p>")


def let(user: User, verb: str) -> Client:
    role = Role.objects.create(authority=user.authority, name=verb, verbs=[verb])
    user.roles.add(role)
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def at(name: str, *args: object) -> str:
    return reverse(f"desk:knowledge_{name}", args=args)


def make_fee(house: House) -> Snippet:
    return create_snippet(
        authority_id=house.authority.pk,
        name="gebuehr",
        about="",
        bodies={"de": "<p>70 Euro</p>"},
        user=house.bert,
    )


def test_a_publisher_writes_one_and_readers_see_what_stands_there_now() -> None:
    house = make_house()
    publisher = let(house.anna, "edit_knowledge")

    refused = publisher.post(at("snippet_new"), {"name": "Gebühr!", "body_de": "70 Euro"})
    publisher.post(at("snippet_new"), {"name": "gebuehr", "body_de": "**70** Euro"})
    answer = make_answer(make_section(house.authority), NAMING)
    fee = Snippet.objects.get()
    publisher.post(at("snippet", fee.pk), {"body_de": "**75** Euro"})
    page = Client().get(f"/w/{answer.pk}-reisepass/").content.decode()
    listed = publisher.get(at("snippets")).content.decode()

    assert refused.status_code == 422
    assert "Er kostet <strong>75</strong> Euro." in page
    assert "1 Antwort" in " ".join(listed.split())
    assert "{{ gebuehr }}" in publisher.get(at("edit", answer.pk)).content.decode()


def test_an_author_sees_and_uses_them_and_changes_none() -> None:
    house = make_house()
    fee = make_fee(house)
    author = let(house.anna, "write_knowledge")

    statuses = [
        author.get(at("snippets")).status_code,
        author.get(at("snippet", fee.pk)).status_code,
        author.get(at("snippet_new")).status_code,
        author.post(at("snippet", fee.pk), {"body_de": "umsonst"}).status_code,
        author.post(at("snippet_act", fee.pk, "loeschen")).status_code,
    ]

    assert statuses == [200, 200, 404, 404, 404]
    assert fee.texts.get().body == "<p>70 Euro</p>"


def test_where_it_stands_tells_nothing_of_another_teams_answer() -> None:
    house = make_house()
    fee = make_fee(house)
    make_answer(
        make_section(house.authority),
        TextDraft("Geheime Richtlinie", "Kurz", NAMING.body),
        visibility="team",
        team_id=house.waste.pk,
    )
    publisher = let(house.anna, "edit_knowledge")

    pages = [publisher.get(at("snippet", fee.pk)), publisher.get(at("snippets"))]
    kept = publisher.post(at("snippet_act", fee.pk, "loeschen"), follow=True)

    assert all("Geheime Richtlinie" not in page.content.decode() for page in pages)
    assert "0 Antworten" in " ".join(pages[1].content.decode().split())
    assert "Nehmen Sie ihn dort erst heraus" in kept.content.decode()
    assert Snippet.objects.exists()


def test_a_proposal_is_approved_by_somebody_else_with_both_texts_before_them() -> None:
    house = make_house()
    fee = make_fee(house)
    make_answer(make_section(house.authority, needs_review=True), NAMING)
    change_snippet(snippet_id=fee.pk, about="", bodies={"de": "<p>75 Euro</p>"}, user=house.bert)
    author = let(make_agent(house.authority, "Caro"), "write_knowledge")
    reviewer, writer = let(house.anna, "review_knowledge"), let(house.bert, "edit_knowledge")
    drop = at("snippet_act", fee.pk, "verwerfen")

    offers = [drop in each.get(at("snippet", fee.pk)).content.decode() for each in (author, writer)]
    own = writer.post(at("snippet_act", fee.pk, "genehmigen"), follow=True).content.decode()
    shown = reviewer.get(at("snippet", fee.pk)).content.decode()
    late = reviewer.post(
        at("snippet_act", fee.pk, "genehmigen"), {"seen": "2020-01-01T00:00:00+00:00"}, follow=True
    )
    fee.refresh_from_db()
    reviewer.post(at("snippet_act", fee.pk, "genehmigen"), {"seen": fee.state_mark})

    assert f'name="seen" value="{fee.state_mark}"' in shown
    assert "Inzwischen hat jemand anderes gespeichert." in late.content.decode()
    assert offers == [False, True]
    assert "muss jemand anderes freigeben" in own
    assert "<p>70 Euro</p>" in shown
    assert "<p>75 Euro</p>" in shown
    assert fee.texts.get().body == "<p>75 Euro</p>"
