"""The kinds of things a town says of itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TextKind(models.TextChoices):
    """The pages that the law demands of a town's website."""

    IMPRINT = "imprint", _("Imprint")
    PRIVACY = "privacy", _("Privacy")
    CONTACT = "contact", _("Contact")
