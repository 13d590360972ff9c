"""A video in sign language is really played: made by the browser itself, kept and served by us."""

import base64

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgebase.domain.files import NewFile
from knowledgebase.domain.publish import publish_answer
from knowledgebase.models import Answer
from tests.e2e.conftest import NewPage
from tests.e2e.support import PHONE
from tests.factories.house import House, make_house
from tests.factories.knowledge import PASSPORT, add_video, make_draft, make_section

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "WEBVTT\n\n00:00.000 --> 00:05.000\nSie beantragen den Reisepass persönlich.\n"
# A second of a moving square, drawn and recorded without a camera.
RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 320, height: 240});
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(), {mimeType: "video/webm;codecs=vp8"});
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const whole = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let at = 0; at < 20; at += 1) {
    pen.fillStyle = at % 2 ? "navy" : "white";
    pen.fillRect(at * 10, 20, 100, 100);
    await new Promise((done) => setTimeout(done, 50));
  }
  recorder.stop();
  await whole;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}"""
PLAY = """async (video) => {
  await video.play();
  await new Promise((done) => video.addEventListener("timeupdate", done, {once: true}));
  return [video.videoWidth, video.videoHeight, video.error];
}"""


def answer_with(house: House, film: bytes) -> Answer:
    """Return a published answer with a video and its captions, files of its own."""
    answer = make_draft(make_section(house.authority))
    add_video(
        answer,
        PASSPORT,
        NewFile("Film.webm", film),
        WORDS.encode(),
        user=house.anna,
        length="1 Sekunde",
    )
    publish_answer(answer_id=answer.pk, user=None)
    return answer


def test_a_real_video_is_played_in_its_page_with_captions_and_can_be_taken_along(
    transactional_db: None, new_page: NewPage, live_server: LiveServer
) -> None:
    del transactional_db
    house = make_house()
    page: Page = new_page(viewport=PHONE)
    page.goto(f"{live_server.url}/hilfe/")
    film = base64.b64decode(page.evaluate(RECORD))
    answer = answer_with(house, film)

    page.goto(f"{live_server.url}/w/{answer.pk}")
    page.locator("summary").filter(has_text="In Deutscher Gebärdensprache").click()
    player = page.locator("video")
    # Nothing plays by itself.
    expect(player).to_have_js_property("paused", True)
    shown = player.evaluate(PLAY)
    track = player.locator("track")
    with page.expect_download() as taken:
        page.get_by_role("link", name="herunterladen").click()

    assert shown == [320, 240, None]
    expect(track).to_have_attribute("kind", "captions")
    assert taken.value.path().read_bytes() == film
