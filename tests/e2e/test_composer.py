"""The composer in a browser: files, a lost connection, a second look, the list under the text."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from helpdesk.files.store import put
from helpdesk.tickets.models import ArticleDraft, Attachment
from tests.e2e.desk_data import WITHOUT_SOCKET, Desk, make_desk, sign_in
from tests.e2e.support import Watch, accessibility_faults
from tests.factories.house import make_agent
from tests.helpdesk.desk.pages import page_of
from tests.helpdesk.portal.report.walking import photo

pytestmark = pytest.mark.django_db(transaction=True)
EDITOR, NOTE, CALL = (f"#pane-{name} textarea" for name in ("answer", "note", "call"))
PLAN = {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 plan"}
PROGRAM = {"name": "plan.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}


@pytest.fixture
def desk(transactional_db: None, settings: Settings, tmp_path: Path) -> Desk:
    del transactional_db
    settings.FILES_ROOT = tmp_path
    return make_desk()


@pytest.fixture
def anna(page: Page, desk: Desk, live_server: LiveServer, watch: Watch) -> Page:
    """A browser in which Anna has opened a fresh request."""
    watch.expected.extend([*WITHOUT_SOCKET, "422", "ERR_INTERNET_DISCONNECTED", "Failed to fetch"])
    sign_in(page, desk.house.anna, live_server.url)
    page.goto(f"{live_server.url}{page_of(desk.fresh)}")
    return page


def test_an_answer_with_a_file_survives_a_crash_and_a_lost_connection_and_is_looked_at_again(
    anna: Page, desk: Desk
) -> None:
    anna.keyboard.press("r")
    anna.keyboard.type("Guten Tag,\nanbei der Plan.")
    anna.locator("#pane-answer [data-files-input]").set_input_files([PROGRAM, PLAN])  # type: ignore[arg-type] # the shape is Playwright's
    expect(anna.locator("#toasts")).to_contain_text("plan.exe")
    expect(anna.locator("#pane-answer [data-files]")).to_contain_text("Plan.pdf")
    expect(anna.locator("#pane-answer [data-draft-state]")).to_contain_text("Entwurf gespeichert")

    anna.evaluate("localStorage.clear()")
    anna.reload()
    expect(anna.locator("#pane-answer [data-files]")).to_contain_text("Plan.pdf")
    anna.locator("#pane-answer [name=kept]").click()
    expect(anna.locator("#pane-answer [data-files]")).to_be_hidden()

    anna.context.set_offline(True)
    anna.locator(EDITOR).press("Control+Enter")
    expect(anna.locator("#toasts")).to_contain_text("keine Verbindung")
    expect(anna.locator(EDITOR)).to_have_value("Guten Tag,\nanbei der Plan.")

    anna.context.set_offline(False)
    anna.locator(EDITOR).press("Control+Enter")
    doubts = anna.locator("[data-doubts]")
    expect(doubts).to_contain_text("anbei")
    expect(anna.locator(EDITOR)).to_be_focused()
    assert accessibility_faults(anna) == []

    anna.keyboard.press("Control+Enter")
    expect(anna.locator("[data-undo]")).to_be_visible()
    assert desk.fresh.articles.filter(kind="answer").count() == 1
    assert ArticleDraft.objects.count() == 0


def test_whoever_hears_the_page_hears_which_name_an_enter_would_take(
    anna: Page, desk: Desk
) -> None:
    make_agent(desk.house.authority, "Carla Cohn", desk.house.roads)
    anna.keyboard.press("n")
    anna.keyboard.type("@c")
    picker = anna.locator("#picker-note")
    expect(picker.get_by_role("option", name="Carla Cohn", selected=True)).to_be_visible()
    expect(anna.locator(NOTE)).to_have_attribute("aria-activedescendant", "picker-note-0")
    expect(anna.locator(NOTE)).to_have_attribute("aria-controls", "picker-note")
    expect(anna.locator("#announce")).to_have_text("Gefundene Personen und Teams: 1")
    assert accessibility_faults(anna) == []

    anna.keyboard.press("Enter")
    anna.keyboard.type("bitte ansehen")
    expect(anna.locator(NOTE)).to_have_value("@Carla Cohn bitte ansehen")
    expect(anna.locator(NOTE)).not_to_have_attribute("aria-activedescendant", "picker-note-0")

    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".art-internal .art-body")).to_have_text("@Carla Cohn bitte ansehen")


def test_messages_are_forwarded_by_keys_and_taken_back_with_all_that_was_typed(
    anna: Page, desk: Desk
) -> None:
    anna.keyboard.press("w")
    anna.keyboard.type("Bitte übernehmen Sie.")
    anna.locator("#forward-to").fill("bauhof@nachbarstadt.example")
    anna.locator(".chosen summary").press("Enter")
    assert accessibility_faults(anna) == []
    anna.locator("#pane-forward textarea").press("Control+Enter")
    expect(anna.locator(".art-forward")).to_contain_text("bauhof@nachbarstadt.example")

    anna.keyboard.press("z")

    expect(anna.locator("#pane-forward textarea")).to_have_value("Bitte übernehmen Sie.")
    expect(anna.locator("#forward-to")).to_have_value("bauhof@nachbarstadt.example")
    assert not desk.fresh.articles.filter(kind="forward", is_withdrawn=False).exists()


def test_an_answer_is_written_below_its_greeting_with_marks_by_keys_and_looked_at_before_it_goes(
    anna: Page, desk: Desk
) -> None:
    desk.house.anna.greets = True
    desk.house.anna.save(update_fields=["greets"])
    anna.reload()
    expect(anna.locator(EDITOR)).to_have_attribute("aria-autocomplete", "list")
    anna.keyboard.press("r")
    anna.keyboard.type("Bitte mitbringen:\n- Ausweis")
    anna.keyboard.press("Control+Shift+ArrowLeft")
    anna.keyboard.press("Control+b")
    anna.keyboard.press("End")
    anna.keyboard.press("Enter")
    anna.keyboard.type("unser Formular")
    anna.keyboard.press("Control+Shift+ArrowLeft")
    anna.keyboard.press("Control+k")
    anna.keyboard.type("https://stadt.example/f")
    expect(anna.locator(EDITOR)).to_have_value(
        "Guten Tag Aylin Yıldız,\n\nBitte mitbringen:\n- **Ausweis**\n"
        "- unser [Formular](https://stadt.example/f)\n\nMit freundlichen Grüßen"
    )

    anna.keyboard.press("Tab")
    anna.keyboard.press("ArrowLeft")
    anna.keyboard.press("Enter")
    expect(anna.locator("#pane-answer .preview li").first).to_have_text("Ausweis")
    assert accessibility_faults(anna) == []
    anna.keyboard.press("Enter")

    anna.locator(EDITOR).press("Control+Enter")
    expect(anna.locator("[data-undo]")).to_be_visible()
    answer = desk.fresh.articles.get(kind="answer")
    assert "<li><strong>Ausweis</strong></li>" in answer.html
    assert "- unser Formular <https://stadt.example/f>" in answer.text


# As a browser hands over what was copied from a page or a letter.
PASTE = """([selector, html, plain]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", plain);
  const given = { clipboardData: data, bubbles: true, cancelable: true };
  const event = new ClipboardEvent("paste", given);
  document.querySelector(selector).dispatchEvent(event);
}"""
COPIED = """<meta charset="utf-8"><b style="font-weight:normal">
<p>Sie brauchen <strong>heute</strong>:</p>
<ol><li>den Ausweis</li><li>das <a href="https://stadt.example/f">Formular</a></li></ol>
<script>alert(1)</script></b>"""


def test_what_is_pasted_with_a_layout_gets_marks_and_a_note_of_a_call_takes_them_too(
    anna: Page,
) -> None:
    anna.keyboard.press("r")
    expect(anna.locator(EDITOR)).to_be_focused()
    anna.evaluate(PASTE, [EDITOR, COPIED, "Sie brauchen heute: …"])
    expect(anna.locator(EDITOR)).to_have_value(
        "Sie brauchen **heute**:\n\n1. den Ausweis\n2. das [Formular](https://stadt.example/f)"
    )

    anna.locator("#tab-call").click()
    call = anna.locator(CALL)
    expect(call).to_be_focused()
    anna.keyboard.type("Das Loch ist da")
    anna.keyboard.press("Control+Shift+ArrowLeft")
    anna.keyboard.press("Control+b")
    anna.locator("#pane-call [data-mark=quote]").click()
    expect(call).to_have_value("> Das Loch ist **da**")
    anna.locator("#pane-call [data-mark=list]").click()
    expect(call).to_have_value("- Das Loch ist **da**")
    anna.keyboard.press("End")
    anna.keyboard.press("Enter")
    anna.keyboard.type("Foto")
    anna.keyboard.press("Control+Shift+ArrowLeft")
    anna.evaluate(PASTE, [CALL, "", "https://stadt.example/loch"])
    expect(call).to_have_value("- Das Loch ist **da**\n- [Foto](https://stadt.example/loch)")
    call.press("Control+Enter")

    noted = anna.locator(".art-internal .art-body li")
    expect(noted.locator("strong")).to_have_text("da")
    expect(noted.get_by_role("link")).to_have_attribute("href", "https://stadt.example/loch")
    # What was begun in the answer is still there.
    expect(anna.locator(EDITOR)).to_have_value(re.compile("den Ausweis"))


def attach(desk: Desk, name: str, kind: str, content: bytes) -> None:
    Attachment.objects.create(
        article=desk.fresh.articles.get(),
        file=put(content, kind),
        name=name,
        content_type=kind,
        size=len(content),
    )


def test_pictures_and_papers_of_the_thread_are_looked_at_by_keys_one_after_the_other(
    anna: Page, desk: Desk
) -> None:
    for name in ("loch.jpg", "rad.jpg"):
        attach(desk, name, "image/jpeg", photo().read())
    attach(desk, "Plan.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")
    anna.reload()
    expect(anna.locator(EDITOR)).to_have_attribute("aria-autocomplete", "list")
    anna.locator("[data-picture]").first.press("Enter")
    dialog = anna.get_by_role("dialog", name="loch.jpg")
    expect(dialog.get_by_role("img", name="loch.jpg")).to_be_visible()
    assert accessibility_faults(anna) == []

    anna.keyboard.press("ArrowRight")
    expect(anna.get_by_role("dialog", name="rad.jpg")).to_contain_text("2 / 2")

    anna.keyboard.press("Escape")
    expect(anna.locator("[data-picture]").first).to_be_focused()

    anna.locator("[data-document]").press("Enter")
    paper = anna.get_by_role("dialog", name="Plan.pdf")
    expect(paper.locator("iframe")).to_have_attribute("title", "Plan.pdf")
    expect(paper.get_by_role("link", name="Herunterladen")).to_be_visible()
    paper.get_by_role("button", name="Schließen").press("Enter")
    expect(paper).to_have_count(0)
    expect(anna.locator("[data-document]")).to_be_focused()
