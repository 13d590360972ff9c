"""Attack cases 1 to 7 for answers in a browser: no dialog, no report of the policy, no handler.

Three hundred attacks stand in bodies, titles and facts of published answers, and are pasted
into the editor as a word processor would paste them.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgebase.models import Answer, AnswerText, Section
from tests.attack.payloads import payloads
from tests.attack.test_01_07_answers import COMMON, make_attacked, parts
from tests.e2e.desk_data import WITHOUT_SOCKET, make_desk, sign_in
from tests.e2e.support import Watch
from tests.factories.knowledge import make_draft, make_editor, make_section
from tests.helpdesk.lib.test_html_attacks import judge
from tests.helpdesk.search.making import begin_anew, index_everything

pytestmark = pytest.mark.django_db(transaction=True)
HANDLERS = """() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes]
  .filter((attribute) => attribute.name.startsWith("on"))
  .map((attribute) => `${one.tagName} ${attribute.name}`))"""
PASTE = """([field, lines]) => {
  const editor = document.querySelector(field);
  editor.focus();
  for (const line of lines) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/html", line);
    clipboardData.setData("text/plain", "Text");
    const paste = { clipboardData, bubbles: true, cancelable: true };
    editor.dispatchEvent(new ClipboardEvent("paste", paste));
  }
}"""
PROSE = "Preis online = 5 Euro, style = modern"
RICH = "[data-rich-text][contenteditable=true]"


@pytest.fixture
def section(transactional_db: None, watch: Watch) -> Iterator[Section]:
    del transactional_db
    watch.expected.extend(WITHOUT_SOCKET)
    desk = make_desk()
    make_editor(desk.house.authority, desk.house.anna)
    yield make_section(desk.house.authority)
    begin_anew()


@pytest.fixture
def dialogs(page: Page) -> list[str]:
    """The dialogs that came up on the page."""
    found: list[str] = []

    def note(dialog: Dialog) -> None:
        # The editor's own question whether to leave is none of an attack's.
        if dialog.type == "beforeunload":
            dialog.accept()
            return
        found.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    return found


@pytest.fixture
def anna(page: Page, section: Section, live_server: LiveServer) -> Page:
    sign_in(page, section.authority.users.get(name="Anna Abend"), live_server.url)
    return page


def test_published_attacks_do_nothing_to_who_reads_finds_or_writes_them(
    anna: Page, section: Section, dialogs: list[str], live_server: LiveServer
) -> None:
    answers = [make_attacked(section, part) for part in parts(payloads(), 80)]
    index_everything()
    addresses = [f"/w/{one.pk}" for one in answers]
    addresses += [f"/a/wissen/{one.pk}/" for one in answers]
    addresses += [f"/a/wissen/{one.pk}/schreiben/" for one in answers]
    addresses += [f"/suche?q={COMMON}", f"/a/wissen/?q={COMMON}"]
    handlers = {}

    for address in addresses:
        shown = anna.goto(f"{live_server.url}{address}")
        assert shown is not None
        assert shown.status == 200, address
        found = anna.evaluate(HANDLERS)
        if found:
            handlers[address] = found

    assert handlers == {}
    assert dialogs == []


def test_found_attacks_do_nothing_to_who_types(
    anna: Page, section: Section, dialogs: list[str], live_server: LiveServer
) -> None:
    for part in parts(payloads(), 80):
        make_attacked(section, part)
    index_everything()
    anna.goto(f"{live_server.url}/")

    anna.locator("form.search input[type=search]").press_sequentially(COMMON[:6])
    expect(anna.locator("form.search [role=option]").first).to_be_visible()

    assert anna.evaluate(HANDLERS) == []
    assert dialogs == []


def test_pasted_attacks_do_nothing_and_are_not_kept(
    anna: Page, section: Section, dialogs: list[str], watch: Watch, live_server: LiveServer
) -> None:
    # The policy stops a style before it is cleaned away; of scripts it must have nothing to say.
    watch.expected.append("Applying inline style violates")
    answer = make_draft(section)
    anna.goto(f"{live_server.url}/a/wissen/{answer.pk}/schreiben/")
    expect(anna.locator(RICH).first).to_be_visible()

    with anna.expect_response("**/entwurf/") as saved:
        anna.evaluate(PASTE, [RICH, [*payloads(), f"<p>{PROSE}</p>"]])

    assert saved.value.status == 200
    assert anna.evaluate(HANDLERS) == []
    assert dialogs == []
    expect(anna.locator("[data-saved-state]")).to_contain_text("Entwurf gespeichert")
    kept = AnswerText.objects.get(answer=answer, version=None, language="de").body
    assert len(kept) > len(Answer.objects.get(pk=answer.pk).internal)
    assert PROSE in kept
    assert judge(kept).found == []
