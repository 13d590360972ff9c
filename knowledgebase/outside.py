"""Addresses that an answer names besides its body: of its online service, and of its video.

They become links of a public page, so none may be anything but of the web, whichever way it came.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from helpdesk.pages.videos import is_video_address

SCHEMES = ("https://", "http://")
VIDEO_ADDRESSES = ("video_url", "video_words_url")


def wrong_addresses(values: Mapping[str, str]) -> dict[str, str]:
    """Return, by field, what is wrong about the addresses of a text in one language."""
    wrong = {}
    online = values.get("online_url", "")
    if online and not online.lower().startswith(SCHEMES):
        wrong["online_url"] = _("Enter an address that begins with https://.")
    for name in VIDEO_ADDRESSES:
        if not is_video_address(values.get(name, "")):
            wrong[name] = _(
                "Enter an address that begins with https://, or that of a file of an answer."
            )
    return wrong
