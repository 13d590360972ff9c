"""Paragraphs of format=flowed text joined again (RFC 3676)."""

_SIGNATURE = "-- "


def unflow(text: str, *, delsp: bool = False) -> str:
    """Join soft-broken lines of equal quote depth, remove stuffing, keep the depth as ``> ``.

    ``delsp`` drops the blank before a soft break (languages without blanks). The signature
    separator never flows. Expects line feeds as line breaks.
    """
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, content = _unquote(line)
        flows = content.endswith(" ") and content != _SIGNATURE
        piece = content[:-1] if flows and delsp else content
        if depth == open_depth and content != _SIGNATURE:
            out.append(piece)
        else:
            out.append(("\n" if out else "") + _prefix(depth, piece) + piece)
        open_depth = depth if flows else -1
    return "".join(out)


def _unquote(line: str) -> tuple[int, str]:
    content = line.lstrip(">")
    depth = len(line) - len(content)
    return depth, content.removeprefix(" ")


def _prefix(depth: int, content: str) -> str:
    return ">" * depth + (" " if depth and content else "")
