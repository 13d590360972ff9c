"""What a town's own requests teach about its topics."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from helpdesk.tickets.domain.learn import learn_topics
from helpdesk.tickets.domain.suggest import suggest_topics
from helpdesk.tickets.inbound import Person
from helpdesk.tickets.models import Category, CategoryWords
from tests.factories.house import House, make_house, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def house() -> House:
    return make_house()


def topic_of(house: House, name: str) -> Category:
    return Category.objects.create(authority=house.authority, name=name)


def ask(house: House, topic: Category, person: str, text: str) -> None:
    make_ticket(
        house,
        person=Person(person, f"{person.lower()}@example.org"),
        subject="Frage",
        text=text,
        category_id=topic.pk,
        message_id=f"<{person}-{topic.pk}@example.org>",
    )


def test_words_that_several_people_used_lead_to_their_topic(house: House) -> None:
    topic_of(house, "Verschiedenes")
    gym = topic_of(house, "Sporthallen")
    ask(house, gym, "Clara", "In der Umkleide ist die Dusche kalt.")
    ask(house, gym, "Paul", "Die Dusche tropft.")

    before = suggest_topics(house.authority.pk, "Eine Dusche geht nicht")
    learned = learn_topics()

    assert before == []
    assert learned == 1
    assert suggest_topics(house.authority.pk, "Eine Dusche geht nicht") == [gym]


def test_a_word_of_one_person_is_not_kept(house: House) -> None:
    gym = topic_of(house, "Sporthallen")
    ask(house, gym, "Clara", "Mein Name ist Rumpelstilz, die Dusche ist kalt.")
    ask(house, gym, "Clara", "Hier noch einmal Rumpelstilz.")
    ask(house, gym, "Paul", "Die Dusche tropft, rufen Sie 0171 5550132 an.")

    learn_topics()

    words = CategoryWords.objects.get(category=gym).words
    assert set(words.values()) == {2}
    assert not any("rumpel" in word or word[0].isdigit() for word in words)


def test_learning_again_replaces_what_was_learned(house: House) -> None:
    gym = topic_of(house, "Sporthallen")
    ask(house, gym, "Clara", "Die Dusche ist kalt.")

    learn_topics()
    learn_topics()

    assert CategoryWords.objects.get(category=gym).requests == 1


def test_command_says_how_often_the_right_topic_is_suggested(house: House, tmp_path: Path) -> None:
    topic_of(house, "Sporthallen")
    known = tmp_path / "known.toml"
    known.write_text('[descriptions]\nSporthallen = ["Die Sporthalle ist zu", "Etwas anderes"]\n')
    output = StringIO()

    call_command("suggest_topics", measure=known, stdout=output)

    assert output.getvalue().splitlines()[-1] == "2 descriptions: 50% first, 50% among 3"
    with pytest.raises(CommandError):
        call_command("suggest_topics")
