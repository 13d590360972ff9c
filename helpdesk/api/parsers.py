"""Reads bodies strictly: what could be understood in two ways is refused with its place."""

import json
import math
from typing import Any, Final

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from helpdesk.api.problems import Problem, escaped

MEDIA_TYPE: Final = "application/json"
LARGEST = 1024 * 1024
DEEPEST = 32
LONGEST_NUMBER = 40


class _Refused(ValueError):  # noqa: N818 - a reason, caught in this file
    """Why a body is not acceptable, in a sentence."""


def _constant(name: str) -> Any:  # noqa: ANN401 - json's hook
    raise _Refused(f"{name} is not a JSON number.")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _Refused("A number has too many digits.")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value) or len(digits) > LONGEST_NUMBER:
        raise _Refused("A number is too large or has too many digits.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("A name stands twice in one object.")
    return found


def json_of(request: Request) -> Any:  # noqa: ANN401 - any JSON
    """Return the body of a request, or raise a problem that says what is wrong.

    Read here and not by the framework, which takes a body of unknown length for
    none at all, and bounds only what its sender has announced.
    """
    declared = (request.content_type or "").partition(";")[0].strip().lower()
    content: bytes = request._request.read(LARGEST + 1)  # noqa: SLF001 - Django's own request
    if declared != MEDIA_TYPE and (declared or content):
        raise Problem("unsupported_media_type", f"Send {MEDIA_TYPE}.")
    if len(content) > LARGEST:
        raise Problem("too_large", f"A body has {LARGEST} bytes at most.")
    return read_json(content)


def read_json(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse JSON in UTF-8: no NaN, no name twice, no NUL, no lone surrogate, not too deep."""
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
            object_pairs_hook=_object,
        )
        _check(value)
    except UnicodeDecodeError as error:
        raise Problem("malformed_json", "The body is not UTF-8.") from error
    except RecursionError as error:
        raise Problem("malformed_json", "The body is nested too deeply.") from error
    except json.JSONDecodeError as error:
        place = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        raise Problem("malformed_json", place) from error
    except _Refused as error:
        raise Problem("malformed_json", str(error)) from error
    return value


def _check(value: object) -> None:
    """Walk without recursion; refuse what databases can't hold."""
    waiting: list[tuple[object, str, int]] = [(value, "", 0)]
    while waiting:
        found, pointer, depth = waiting.pop()
        if depth > DEEPEST:
            raise _Refused("The body is nested too deeply.")
        if isinstance(found, str):
            _check_text(found, pointer)
        elif isinstance(found, dict):
            for name, inner in found.items():
                _check_text(name, pointer)
                waiting.append((inner, f"{pointer}/{escaped(name)}", depth + 1))
        elif isinstance(found, list):
            waiting += [(inner, f"{pointer}/{at}", depth + 1) for at, inner in enumerate(found)]


def _check_text(text: str, pointer: str) -> None:
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        where = pointer if pointer.isprintable() else ""
        raise _Refused(f"The text at “{where}” holds a character that is not allowed.")


class FormParser(MultiPartParser):
    """multipart/form-data, for files alone."""
