"""Videos in sign language that are files of ours: what a page needs to play them itself.

One that its readers may not see, or that browsers play nothing of, stays a link.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db.models import QuerySet

from helpdesk.files.media import is_played
from helpdesk.pages.videos import Video, own_file
from knowledgebase.models import Answer, AnswerFile
from knowledgebase.queries import find_file_for


def with_file(
    video: Video | None, readers: QuerySet[Answer], files: Iterable[AnswerFile] = ()
) -> Video | None:
    """Return a video with its type, size and captions, where the page may play it.

    ``files`` are those the page has at hand; others are looked up among those of ``readers``.
    """
    known = {file.pk: file for file in files}
    found = _file(video.url, readers, known) if video else None
    if video is None or found is None or not is_played(found.content_type):
        return video
    words = _file(video.words_url, readers, known)
    captions = words.public_path if words and words.is_captions else ""
    return replace(
        video, content_type=found.content_type, size=found.file.size, captions_url=captions
    )


def _file(
    address: str, readers: QuerySet[Answer], known: dict[int, AnswerFile]
) -> AnswerFile | None:
    number = own_file(address)
    if number is None:
        return None
    return known.get(number) or find_file_for(readers, number)


def beside(files: Iterable[AnswerFile], video: Video | None) -> list[AnswerFile]:
    """Return the files that stand below an answer: without what its player shows."""
    played = _numbers(video)
    return [file for file in files if file.pk not in played]


def addressed(video: Video | None, address: Callable[[int], str]) -> Video | None:
    """Return a video whose files are got by another address, as in a preview of a draft."""
    if video is None or not video.content_type:
        return video
    url, captions = own_file(video.url), own_file(video.captions_url)
    return replace(
        video,
        url=address(url) if url else video.url,
        captions_url=address(captions) if captions else "",
    )


def _numbers(video: Video | None) -> set[int | None]:
    if video is None or not video.content_type:
        return set()
    return {own_file(video.url), own_file(video.captions_url)}
