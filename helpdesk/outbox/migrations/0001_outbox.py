import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import helpdesk.lib.secretbox


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_agents"),
        ("files", "0001_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutgoingMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=80, unique=True)),
                ("kind", models.CharField(max_length=30)),
                ("link_kind", models.CharField(blank=True, max_length=20)),
                ("link_id", models.BigIntegerField(blank=True, null=True)),
                ("message_id", models.CharField(max_length=255, unique=True)),
                ("envelope_from", models.CharField(blank=True, max_length=320)),
                ("from_name", models.CharField(blank=True, max_length=160)),
                ("subject", models.CharField(max_length=500)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                ("headers", models.JSONField(default=dict)),
                ("is_automatic", models.BooleanField(default=False)),
                ("language", models.CharField(blank=True, max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("unsure", "unsure"),
                            ("cancelled", "withdrawn"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("next_attempt_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts_made", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("delayed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outgoing_messages",
                        to="agents.authority",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutgoingFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="outbox.outgoingmessage",
                    ),
                ),
            ],
            options={
                "ordering": ("position", "id"),
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("started", "started"),
                            ("data", "content on its way"),
                            ("accepted", "accepted"),
                            ("delayed", "to be tried again"),
                            ("refused", "refused"),
                            ("unsure", "unsure"),
                        ],
                        default="started",
                        max_length=8,
                    ),
                ),
                ("server", models.CharField(blank=True, max_length=255)),
                ("reply", models.CharField(blank=True, max_length=300)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="outbox.outgoingmessage",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Sender",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                (
                    "transport",
                    models.CharField(
                        choices=[
                            ("smtp", "SMTP server"),
                            ("demo", "demo mailbox: nothing leaves the machine"),
                        ],
                        default="smtp",
                        max_length=6,
                    ),
                ),
                ("host", models.CharField(blank=True, max_length=255)),
                ("port", models.PositiveIntegerField(default=587)),
                (
                    "security",
                    models.CharField(
                        choices=[
                            ("tls", "TLS"),
                            ("starttls", "STARTTLS"),
                            ("none", "none (only on this machine)"),
                        ],
                        default="starttls",
                        max_length=8,
                    ),
                ),
                ("username", models.CharField(blank=True, max_length=255)),
                ("password", helpdesk.lib.secretbox.SealedTextField(blank=True)),
                ("is_default", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("paused_until", models.DateTimeField(blank=True, null=True)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="senders",
                        to="agents.authority",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="senders",
                        to="agents.team",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="outbox.sender",
            ),
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        choices=[("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")],
                        default="to",
                        max_length=3,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=160)),
                ("address", models.CharField(max_length=320)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("accepted", "accepted"),
                            ("refused", "refused"),
                            ("bounced", "returned"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("reply", models.CharField(blank=True, max_length=300)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="outbox.outgoingmessage",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["address", "id"], name="recipient_address")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("message"), models.F("address"), name="recipient_address_unique"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="sender",
            constraint=models.UniqueConstraint(
                models.F("authority"), models.F("email"), name="sender_email_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="sender",
            constraint=models.UniqueConstraint(
                models.F("authority"),
                condition=models.Q(("is_default", True)),
                name="sender_one_default",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["next_attempt_at", "id"],
                name="outgoing_due",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["lease_until", "id"],
                name="outgoing_sending",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(fields=["authority", "state", "created_at"], name="outgoing_state"),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(fields=["link_kind", "link_id"], name="outgoing_link"),
        ),
    ]
