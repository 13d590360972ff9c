"""Writing an answer in a browser: what is typed is saved by itself, however slow the way is."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgebase.models import Answer, AnswerText
from tests.e2e.desk_data import WITHOUT_SOCKET, make_desk, sign_in
from tests.e2e.support import Held, Watch
from tests.factories.knowledge import make_draft, make_editor, make_section

pytestmark = pytest.mark.django_db(transaction=True)
SHORT, STATE = "#id_summary_de", "[data-saved-state]"
LONGER_THAN_THE_PAUSE_MS = 2500


def goes_by(page: Page) -> None:
    """Let the pause after typing be over."""
    page.clock.fast_forward(LONGER_THAN_THE_PAUSE_MS)


@pytest.fixture
def answer(transactional_db: None) -> Answer:
    del transactional_db
    desk = make_desk()
    make_editor(desk.house.authority, desk.house.anna)
    return make_draft(make_section(desk.house.authority), owner_id=desk.house.anna.pk)


@pytest.fixture
def editor(page: Page, answer: Answer, watch: Watch, live_server: LiveServer) -> Page:
    """A browser in which Anna writes the answer."""
    watch.expected.extend(WITHOUT_SOCKET)
    assert answer.owner is not None
    sign_in(page, answer.owner, live_server.url)
    page.clock.install()
    page.goto(f"{live_server.url}/a/wissen/{answer.pk}/schreiben/")
    return page


def summary_of(answer: Answer) -> str:
    return AnswerText.objects.get(answer=answer, version=None, language="de").summary


def test_who_writes_on_during_a_slow_save_meets_no_conflict_with_themselves(
    editor: Page, answer: Answer
) -> None:
    saving = Held(editor, "**/entwurf/")
    with editor.expect_request("**/entwurf/"):
        editor.fill(SHORT, "Eins")
        goes_by(editor)
    editor.fill(SHORT, "Eins zwei")
    goes_by(editor)

    with editor.expect_response(lambda one: "Eins zwei" in (one.request.post_data or "")) as saved:
        saving.let_go()

    assert saved.value.status == 200
    expect(editor.locator(STATE)).to_contain_text("Entwurf gespeichert")
    assert summary_of(answer) == "Eins zwei"


def test_a_draft_that_is_sent_during_a_slow_save_waits_for_it(editor: Page, answer: Answer) -> None:
    saving = Held(editor, "**/entwurf/")
    with editor.expect_request("**/entwurf/"):
        editor.fill(SHORT, "Eins")
        goes_by(editor)
    editor.fill(SHORT, "Eins zwei")
    order: list[str] = []
    editor.on("response", lambda one: order.append(f"answered {one.request.method} {one.url}"))
    editor.on("request", lambda one: order.append(f"asked {one.method} {one.url}"))
    editor.get_by_role("button", name="Entwurf speichern").click(no_wait_after=True)

    saving.let_go()

    expect(editor.locator(".toast")).to_contain_text("Entwurf gespeichert")
    assert summary_of(answer) == "Eins zwei"
    said = [one for one in order if " POST " in one]
    assert [one.split()[0] for one in said[:2]] == ["answered", "asked"]
    assert said[0].endswith("/entwurf/")
    assert not said[1].endswith("/entwurf/")


def test_two_keys_save_and_go_on_to_the_check_while_one_writes(
    editor: Page, answer: Answer
) -> None:
    editor.fill(SHORT, "Eins")
    with editor.expect_response("**/entwurf/") as saved:
        editor.press(SHORT, "Control+s")

    assert (saved.value.status, summary_of(answer)) == (200, "Eins")

    text = editor.locator("#id_body_de_rich")
    text.click()
    text.press("Control+End")
    text.press("Enter")
    text.press_sequentially("Noch ein Satz.")
    text.press("Control+Enter")
    editor.wait_for_url("**/veroeffentlichen/")
    body = AnswerText.objects.get(answer=answer, version=None, language="de").body

    assert body.endswith("<p>Noch ein Satz.</p>")
