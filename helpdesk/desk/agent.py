"""The signed-in agent of a request, as the type that doors demand."""

from typing import cast

from django.http import HttpRequest
from django.utils.functional import LazyObject, empty

from helpdesk.agents.models import User


def agent_of(request: HttpRequest) -> User:
    """Return the user behind the lazy wrapper; the staff decorator has checked the kind."""
    user: object = request.user
    if isinstance(user, LazyObject):
        bool(user)  # unwraps
        wrapped = user.__dict__["_wrapped"]
        user = user if wrapped is empty else wrapped
    return cast("User", user)
