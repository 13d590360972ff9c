"""The shapes of what goes out."""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.api.problems import CODES
from helpdesk.api.serializers.base import Coordinate, Members
from helpdesk.citizens.models import ContactKind
from helpdesk.outbox.models import MessageState
from helpdesk.tickets.enums import ArticleKind, Channel, Outcome, Priority, Status, Trust

PRIORITIES: Mapping[str, Priority] = {priority.name.lower(): priority for priority in Priority}
PRIORITY_NAMES: Mapping[int, str] = {value: name for name, value in PRIORITIES.items()}


class FieldProblemShape(serializers.Serializer[Any]):
    """What is wrong with one field."""

    pointer = serializers.CharField(help_text="JSON pointer (RFC 6901) of the field.")
    detail = serializers.CharField(help_text="What is wrong, in a sentence.")


class ProblemShape(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField(help_text="urn:anliegen:problem:<code>")
    title = serializers.CharField(help_text="The kind of problem in words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    code = serializers.ChoiceField(choices=list(CODES), help_text="The kind of problem.")
    detail = serializers.CharField(required=False, help_text="This case in a sentence.")
    errors = FieldProblemShape(many=True, required=False)  # type: ignore[assignment]  # fields leave the class before anything is called so
    allowed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What is allowed instead."
    )
    parameter = serializers.CharField(required=False, help_text="The parameter that was refused.")
    required_scope = serializers.CharField(required=False, help_text="The scope that is missing.")
    reason = serializers.CharField(required=False, help_text="Why the state does not allow it.")
    version = serializers.CharField(required=False, help_text="The present version, on 412.")
    incident = serializers.CharField(required=False, help_text="Names the log entry of a 500.")


class Ref(serializers.Serializer[Any]):
    """Something else, by id and name."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class ContactShape(serializers.Serializer[Any]):
    """One way to reach a citizen."""

    kind = serializers.ChoiceField(choices=ContactKind.choices)
    value = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    undeliverable_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when mail to it comes back."
    )


class CitizenShape(serializers.Serializer[Any]):
    """A person who asks."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    language = serializers.CharField()
    contacts = ContactShape(many=True, source="contact_points.all")
    created_at = serializers.DateTimeField()


class TicketShape(serializers.Serializer[Any]):
    """One request, from arrival to outcome."""

    id = serializers.IntegerField(source="pk")
    number = serializers.CharField(help_text="The staff's number.")
    reference = serializers.CharField(help_text="The citizen's speakable reference.")
    version = serializers.IntegerField(help_text="Grows with every change; the ETag.")
    title = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    outcome = serializers.ChoiceField(
        choices=Outcome.choices, allow_blank=True, help_text="How it ended; empty while it has not."
    )
    waiting_until = serializers.DateTimeField(allow_null=True)
    priority = serializers.SerializerMethodField()
    team = Ref()
    owner = Ref(allow_null=True)
    category = Ref(allow_null=True)
    citizen = Ref(allow_null=True)
    citizen_name = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    language = serializers.CharField()
    place = serializers.CharField()
    latitude = Coordinate(bound=90, allow_null=True)
    longitude = Coordinate(bound=180, allow_null=True)
    form_version = serializers.IntegerField(source="form_version_id", allow_null=True)
    answers = Members(help_text="Answers to the category's questions, by key.")
    received_at = serializers.DateTimeField()
    active_at = serializers.DateTimeField(help_text="The newest contribution.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="The next promised time.")
    first_answer_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    reopened = serializers.IntegerField(help_text="How often it was opened again.")

    @extend_schema_field(serializers.ChoiceField(choices=list(PRIORITIES)))
    def get_priority(self, ticket: Any) -> str:  # noqa: ANN401 - a row, or a reference to one
        """Return the urgency as a word."""
        return PRIORITY_NAMES[ticket.priority]


class TicketCitizenShape(CitizenShape):
    """The citizen of a ticket: id and name, and with `expand=citizen` all of them."""

    language = serializers.CharField(required=False)
    contacts = ContactShape(many=True, source="contact_points.all", required=False)
    created_at = serializers.DateTimeField(required=False)


class ExpandedTicketShape(TicketShape):
    """A ticket whose citizen is written out, if that was asked for."""

    citizen = TicketCitizenShape(allow_null=True)  # type: ignore[assignment]  # a field may be replaced


class AttachmentShape(serializers.Serializer[Any]):
    """A file of an article."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    is_inline = serializers.BooleanField()


class NotedShape(serializers.Serializer[Any]):
    """A note that was taken, and its ticket as it stands now."""

    article = serializers.IntegerField(help_text="The id of the note.")
    ticket = TicketShape()


class MailboxShape(serializers.Serializer[Any]):
    """A mail address with a name."""

    name = serializers.CharField()
    email = serializers.CharField()


class AuthorShape(serializers.Serializer[Any]):
    """Who wrote it."""

    kind = serializers.ChoiceField(choices=["citizen", "agent", "service", "unknown"])
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class ArticleShape(serializers.Serializer[Any]):
    """One contribution inside a ticket."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=ArticleKind.choices)
    channel = serializers.ChoiceField(choices=Channel.choices)
    author = serializers.SerializerMethodField()
    from_name = serializers.CharField()
    from_address = serializers.CharField()
    to = MailboxShape(many=True)
    cc = MailboxShape(many=True)
    subject = serializers.CharField()
    text = serializers.CharField(help_text="What was written, without quotes and signature.")
    full_text = serializers.CharField(help_text="With quotes and signature, if that differs.")
    html = serializers.CharField(
        help_text="Of a mail as it was laid out, made safe when it came in; of what an agent wrote "
        "the look of its marks, empty where there are none."
    )
    language = serializers.CharField()
    trust = serializers.ChoiceField(choices=Trust.choices)
    is_automatic = serializers.BooleanField()
    warnings = serializers.ListField(child=serializers.CharField())
    delivery = serializers.SerializerMethodField()
    attachments = AttachmentShape(many=True, source="attachments.all")
    received_at = serializers.DateTimeField()

    @extend_schema_field(AuthorShape)
    def get_author(self, article: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Return who wrote it, by kind, id and name."""
        if article.author_user is not None:
            kind = "service" if article.author_user.kind == "service" else "agent"
            return {"kind": kind, "id": article.author_user.pk, "name": article.author_user.name}
        if article.author_citizen is not None:
            citizen = article.author_citizen
            return {"kind": "citizen", "id": citizen.pk, "name": citizen.name}
        return {"kind": "unknown", "id": None, "name": article.from_name}

    @extend_schema_field(serializers.ChoiceField(choices=MessageState.choices, allow_null=True))
    def get_delivery(self, article: Any) -> str | None:  # noqa: ANN401 - the same
        """Return the state of the mail that an answer became."""
        return article.outgoing.state if article.outgoing is not None else None


class UploadShape(serializers.Serializer[Any]):
    """A file that waits to be used."""

    upload = serializers.CharField(help_text="Name it in `uploads` of a ticket or an article.")
    name = serializers.CharField()
    content_type = serializers.CharField(help_text="Found by looking into the file.")
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    expires_at = serializers.DateTimeField()


class CategoryShape(serializers.Serializer[Any]):
    """A topic of the two-level tree."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]  # fields leave the class
    team = Ref(allow_null=True, help_text="Where its requests go.")
    has_questions = serializers.BooleanField()


class QuestionsShape(serializers.Serializer[Any]):
    """The questions of a category in the edition that is valid now."""

    form_version = serializers.IntegerField(allow_null=True)
    number = serializers.IntegerField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    questions = serializers.ListField(child=Members())


class RightsShape(serializers.Serializer[Any]):
    """What the token's user may do in a team."""

    read = serializers.BooleanField()
    create = serializers.BooleanField()  # type: ignore[assignment]  # fields leave the class
    answer = serializers.BooleanField()
    change = serializers.BooleanField()


class TeamShape(serializers.Serializer[Any]):
    """A unit that owns tickets."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    rights = RightsShape()
    members = Ref(many=True, help_text="Who can be responsible; of your own teams only.")


class TextModuleShape(serializers.Serializer[Any]):
    """A piece of text for answers."""

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    keywords = serializers.CharField()
    team = Ref(allow_null=True, help_text="None: for all teams.")
    texts = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field(
        {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "By language.",
        }
    )
    def get_texts(self, module: Any) -> dict[str, str]:  # noqa: ANN401 - the same
        """Return the wording by language."""
        return {text.language: text.body for text in module.texts.all()}


class ActorShape(serializers.Serializer[Any]):
    """Who did it."""

    kind = serializers.CharField(help_text="user, token, service, citizen, system or external")
    id = serializers.IntegerField(allow_null=True)


class EventShape(serializers.Serializer[Any]):
    """A fact about a ticket."""

    seq = serializers.IntegerField(help_text="Its number; grows without gaps over the whole house.")
    kind = serializers.CharField()
    ticket = serializers.IntegerField()
    actor = ActorShape()
    at = serializers.DateTimeField()
    data = Members()  # type: ignore[assignment]  # fields leave the class
    personal = Members(
        allow_null=True,
        help_text="Personal values; null without any, or without the permission for them.",
    )


class FeedShape(serializers.Serializer[Any]):
    """Events after a cursor, and the cursor to go on with."""

    results = EventShape(many=True)
    next = serializers.CharField(help_text="Always given: ask it again later for what is new.")
    has_more = serializers.BooleanField(help_text="Whether more can be read at once.")


class MeShape(serializers.Serializer[Any]):
    """The token that asks."""

    kind = serializers.ChoiceField(choices=["personal", "service"])
    token = serializers.CharField(help_text="The token's name.")
    user = Ref()
    authority = Ref()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()


def keep_fields(rows: Iterable[dict[str, Any]], wanted: Iterable[str] | None) -> list[Any]:
    """Return the rows with the wanted members only."""
    if wanted is None:
        return list(rows)
    names = set(wanted)
    return [{name: value for name, value in row.items() if name in names} for row in rows]
