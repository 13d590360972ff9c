"""Videos in sign language: where one may be, and what a page says of it.

Nothing of another site is ever part of a page. A video is a link: to a file of our own, or one that
opens outside and says so (docs/adr/0101).
"""

import re
from dataclasses import dataclass
from typing import Final

# A file of an answer; it is ours.
_OWN: Final = re.compile(r"/w/datei/[1-9][0-9]{0,17}/")


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a page: its address, how long it runs, where its words stand."""

    url: str
    length: str = ""
    words_url: str = ""

    @property
    def is_own(self) -> bool:
        """Tell whether it is a file of ours, and leads nobody away."""
        return _OWN.fullmatch(self.url) is not None


def is_video_address(address: str) -> bool:
    """Tell whether an address may be kept: of the web, of a file of ours, or none at all."""
    return not address or address.startswith("https://") or _OWN.fullmatch(address) is not None
