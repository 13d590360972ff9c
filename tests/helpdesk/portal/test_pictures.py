"""Pictures on the status page: citizens get the pixels, never what a camera hides in a file."""

import io

import pytest
from django.core.cache import cache
from django.test import Client
from PIL import Image

from helpdesk.files.store import read_file
from helpdesk.tickets.links import status_token
from helpdesk.tickets.models import Attachment
from tests.factories.house import make_house, make_ticket
from tests.helpdesk.portal.report.walking import GPS, photo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", ["", "?inline"])
def test_a_photo_is_served_without_where_and_with_what_it_was_taken(
    client: Client, way: str
) -> None:
    cache.clear()
    address = f"/s/{status_token(make_ticket(make_house()))}/"
    client.post(f"{address}antworten/", {"text": "Siehe Foto", "key": "k", "uploads": [photo()]})
    kept = Attachment.objects.get()

    response = client.get(f"{address}dateien/{kept.pk}/{way}")

    served = b"".join(response.streaming_content)  # type: ignore[attr-defined]  # a file's response
    assert response.status_code == 200
    assert dict(Image.open(io.BytesIO(served)).getexif()) == {}
    assert b"Kanarienkamera" not in served
    assert GPS in Image.open(io.BytesIO(read_file(kept.file))).getexif()
