"""Pictures that an HTML body carries in itself (data: addresses), turned into files of the mail."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote

_DATA_IMAGE = re.compile(
    r"data:(image/(?:png|jpe?g|gif|webp|bmp))(?:;[a-z0-9=.-]{1,40})?;base64,\s*([A-Za-z0-9+/=%\s]++)",
    re.IGNORECASE,
)
MAX_IMAGES = 200


@dataclass(frozen=True, slots=True)
class DataImage:
    """A picture from a data: address, with the content id that replaced the address."""

    cid: str
    content_type: str
    content: bytes


def extract_data_images(html: str) -> tuple[str, tuple[DataImage, ...]]:
    """Return ``html`` with ``cid:`` in place of data: pictures, and these pictures.

    The id is made from the content, so calling it twice on one body agrees.
    """
    if "data:" not in html and "DATA:" not in html:
        return html, ()
    images: dict[str, DataImage] = {}

    def take(match: re.Match[str]) -> str:
        image = _decode(match[1].lower(), match[2])
        if image is None or (len(images) >= MAX_IMAGES and image.cid not in images):
            return match[0]
        images[image.cid] = image
        return f"cid:{image.cid}"

    changed = _DATA_IMAGE.sub(take, html)
    return changed, tuple(images.values())


def _decode(content_type: str, encoded: str) -> DataImage | None:
    try:
        content = base64.b64decode(re.sub(r"\s+", "", unquote(encoded)), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content:
        return None
    digest = hashlib.sha256(content).hexdigest()[:32]
    return DataImage(f"data-{digest}", content_type.replace("jpg", "jpeg"), content)
