"""Versions as ETags, and the If-Match by which a writer proves to know the present one."""

import re

from rest_framework.request import Request

from helpdesk.api.problems import Problem

_TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*\Z')


def etag(version: object) -> str:
    """Return the strong ETag of a version."""
    return f'"{version}"'


def demand_match(request: Request, version: object) -> None:
    """Refuse with 428 without If-Match, and with 412 when it names another version."""
    header = request.headers.get("If-Match")
    if header is None:
        raise Problem(
            "precondition_required",
            "Read it first and send its ETag as If-Match.",
            more={"version": str(version)},
        )
    if header.strip() != "*" and str(version) not in _named(header):
        raise Problem(
            "stale",
            "Read it again before you change it.",
            headers={"ETag": etag(version)},
            more={"version": str(version)},
        )


def _named(header: str) -> set[str]:
    """Return the versions of the strong tags in the header; weak ones never match (RFC 9110)."""
    found = (_TAG.match(part) for part in header.split(","))
    return {tag[2] for tag in found if tag and not tag[1]}
