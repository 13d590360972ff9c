"""Addresses of the interface, below /api/v1/."""

from django.urls import path, re_path, register_converter

from helpdesk.api.base import NotThere
from helpdesk.api.views import articles, citizens, document, events, files, house, notes, tickets


class RowId:
    """The id of a row: as many digits as a database takes."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        """Read the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Write the number."""
        return str(value)


register_converter(RowId, "row")

app_name = "api"
urlpatterns = [
    path("", document.browse, name="browse"),
    path("openapi.json", document.openapi_json, name="openapi_json"),
    path("openapi.yaml", document.openapi_yaml, name="openapi_yaml"),
    path("me", house.Me.as_view(), name="me"),
    path("tickets", tickets.Tickets.as_view(), name="tickets"),
    path("tickets/<row:ticket_id>", tickets.OneTicket.as_view(), name="ticket"),
    path("tickets/<row:ticket_id>/articles", articles.Articles.as_view(), name="articles"),
    path("notes", notes.Notes.as_view(), name="notes"),
    path("uploads", files.Uploads.as_view(), name="uploads"),
    path("attachments/<row:attachment_id>", files.OneAttachment.as_view(), name="attachment"),
    path("citizens", citizens.Citizens.as_view(), name="citizens"),
    path("citizens/<row:citizen_id>", citizens.OneCitizen.as_view(), name="citizen"),
    path("categories", house.Categories.as_view(), name="categories"),
    path("categories/<row:category_id>/questions", house.Questions.as_view(), name="questions"),
    path("teams", house.Teams.as_view(), name="teams"),
    path("text_modules", house.TextModules.as_view(), name="text_modules"),
    path("events", events.Events.as_view(), name="events"),
    # Whatever else is asked for is refused in the interface's own form.
    re_path(r".*", NotThere.as_view(), name="not_there"),
]
