"""Tables of the accounts that citizens may have in the portal (docs/adr/0082).

They are no users: nothing of the desk or of the interface knows them, and nobody who works here
gets into one by being signed in there.
"""

from django.db import models
from django.utils import timezone

from helpdesk.agents.models import Authority
from helpdesk.lib.secretbox import SealedTextField


class PortalAccount(models.Model):
    """What somebody who proved an address sees and keeps; it owns no request."""

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="portal_accounts")
    name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    signed_in_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        """Name its row only."""
        return f"portal account {self.pk}"


class AccountAddress(models.Model):
    """A mail address whose owner pressed the button of a mail we sent there.

    In an authority each leads to one account. The main one is filled into forms.
    """

    account = models.ForeignKey(PortalAccount, models.CASCADE, related_name="addresses")
    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    email = models.CharField(max_length=320)
    normalised = models.CharField(max_length=320)
    is_main = models.BooleanField(default=False)
    verified_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-is_main", "id")
        constraints = (
            models.UniqueConstraint("authority", "normalised", name="account_address_unique"),
        )

    def __str__(self) -> str:
        """Name the account, never the address."""
        return f"address of portal account {self.account_id}"


class AccountLink(models.Model):
    """A link mailed to an address to prove it; only its digest is kept, and it works once.

    One that adds an address belongs to the account that asked, and works only there. One that
    has signed in is kept as long as its session, for the browser that presses it twice.
    """

    class Purpose(models.TextChoices):
        """What pressing its button does."""

        SIGN_IN = "sign_in"
        ADDRESS = "address"

    authority = models.ForeignKey(Authority, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    account = models.ForeignKey(PortalAccount, models.CASCADE, null=True, related_name="links")
    email = models.CharField(max_length=320)
    normalised = models.CharField(max_length=320, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    next = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)
    pressed_at = models.DateTimeField(null=True)
    # The digest of what only the browser that pressed it knows; empty if it keeps no cookies.
    pressed_by = models.CharField(max_length=64, blank=True)
    session = models.ForeignKey("AccountSession", models.CASCADE, null=True, related_name="+")

    def __str__(self) -> str:
        """Name the purpose only."""
        return f"{self.purpose} link {self.pk}"


class AccountSession(models.Model):
    """A browser that is signed in; the digest of its key is all that is kept of it.

    ``seen_before`` is the sign-in before this one: what came since is new.
    """

    account = models.ForeignKey(PortalAccount, models.CASCADE, related_name="sessions")
    digest = models.CharField(max_length=64, unique=True)
    seen_before = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Name the account only."""
        return f"session of portal account {self.account_id}"


class Passkey(models.Model):
    """A key on a device of the holder's by which they sign in without a mail (WebAuthn)."""

    account = models.ForeignKey(PortalAccount, models.CASCADE, related_name="passkeys")
    # As browsers write it (base64url); at most 1023 bytes.
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    count = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Name the account only."""
        return f"passkey of portal account {self.account_id}"


class IdentityProvider(models.Model):
    """Where citizens of an authority may sign in besides (OpenID Connect)."""

    authority = models.OneToOneField(Authority, models.CASCADE, related_name="identity_provider")
    is_active = models.BooleanField(default=False)
    name = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=255)
    client_secret = SealedTextField(blank=True)

    def __str__(self) -> str:
        """Return what stands on the button."""
        return self.name


class Identity(models.Model):
    """Somebody as a provider knows them: its name and its own name for them never change."""

    account = models.ForeignKey(PortalAccount, models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = (models.Index(fields=("issuer", "subject"), name="identity_subject"),)

    def __str__(self) -> str:
        """Name the account only."""
        return f"identity of portal account {self.account_id}"
