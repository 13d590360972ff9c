"""Draws a QR code as inline SVG: no data: address, no style, nothing the CSP would refuse."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import qrcode  # type: ignore[import-untyped] # ships no types
from django.utils.html import format_html
from django.utils.safestring import SafeString

QUIET_ZONE = 4


def qr_svg(text: str, label: str) -> SafeString:
    """Return the code of ``text`` with ``label`` as its name for assistive technology."""
    code = qrcode.QRCode(border=QUIET_ZONE, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    runs = "".join(
        f"M{column} {row}h{length}v1h-{length}z"
        for row, cells in enumerate(rows)
        for column, length in _dark_runs(cells)
    )
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" '
        'shape-rendering="crispEdges"><path d="{2}"/></svg>',
        len(rows),
        label,
        runs,
    )


def _dark_runs(cells: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Return where in a row dark cells begin and how many there are."""
    column = 0
    for is_dark, run in groupby(cells):
        length = len(list(run))
        if is_dark:
            yield column, length
        column += length
