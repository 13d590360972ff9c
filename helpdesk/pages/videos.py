"""Videos in sign language: where one may be, and what a page says of it.

Nothing of another site is ever part of a page. A video is a link that opens outside and says so, or
a file of our own, which the page plays (docs/adr/0101, docs/adr/0113).
"""

import re
from dataclasses import dataclass
from typing import Final

# A file of an answer; it is ours.
_OWN: Final = re.compile(r"/w/datei/([1-9][0-9]{0,17})/")


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a page: its address, how long it runs, where its words stand.

    One that the page plays itself has a type, its size, and captions if there are any.
    """

    url: str
    length: str = ""
    words_url: str = ""
    content_type: str = ""
    size: int = 0
    captions_url: str = ""

    @property
    def is_own(self) -> bool:
        """Tell whether it is a file of ours, and leads nobody away."""
        return _OWN.fullmatch(self.url) is not None


def own_file(address: str) -> int | None:
    """Return the number of the file of ours that an address names, None where it names none."""
    found = _OWN.fullmatch(address)
    return int(found[1]) if found else None


def is_video_address(address: str) -> bool:
    """Tell whether an address may be kept: of the web, of a file of ours, or none at all."""
    return not address or address.startswith("https://") or _OWN.fullmatch(address) is not None
