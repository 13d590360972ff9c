"""Which agents follow a ticket without being responsible for it."""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Team, User
from helpdesk.tickets.models.article import Article
from helpdesk.tickets.models.ticket import Ticket


class Watcher(models.Model):
    """An agent who wants to hear of everything about a ticket.

    A wish of theirs and no right: who may no longer read the ticket hears nothing, and the
    row may stay.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="watchers")
    user = models.ForeignKey(User, models.CASCADE, related_name="watched")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint("ticket", "user", name="watcher_unique"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"user {self.user_id} watches ticket {self.ticket_id}"


class Mention(models.Model):
    """An agent who is named in an internal note; ``team`` if it was by their team's name.

    Found when the note is saved, for those who could read the ticket then: a name that is
    given away later, or a colleague who joins the team, changes nothing of what was said.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, models.CASCADE, related_name="mentions")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint("article", "user", name="mention_unique"),)

    def __str__(self) -> str:
        """Name both by id."""
        return f"user {self.user_id} in article {self.article_id}"
