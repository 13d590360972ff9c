"""The Celery app and its beat table; Celery only wakes, the rows are the queue."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.project.settings")

SWEEP_SECONDS = 1.0
# name → seconds. The sweeps re-wake whatever no wake reached.
PERIODS = {
    "channels_in.process": SWEEP_SECONDS,
    "reactions.run": SWEEP_SECONDS,
    "reactions.index": SWEEP_SECONDS,
    "outbox.deliver": SWEEP_SECONDS,
    "outbox.tidy": 600.0,
    "notifications.send_links": 5.0,
    "notifications.ask_ratings": 600.0,
    "notifications.tell_followers": 30.0,
    "notifications.mail_notices": 5.0,
    "notifications.push": 3.0,
    "notifications.alarm": 60.0,
    "notifications.tidy": 6 * 3600.0,
    "tickets.bulk": 5.0,
    "sla.tick": 20.0,
    "tickets.scan_files": 2.0,
    "channels_in.rescue": 60.0,
    "channels_in.sent_copies": 20.0,
    "channels_in.alarm": 60.0,
    "channels_in.purge_spam": 6 * 3600.0,
    "agents.tidy": 3600.0,
    "accounts.tidy": 3600.0,
    "api.tidy": 3600.0,
    "reactions.sweep_index": 6 * 3600.0,
    "forms.tidy": 600.0,
    "files.tidy": 3600.0,
    "tickets.learn": 6 * 3600.0,
    "privacy.empty_trash": 3600.0,
    "privacy.forget_changes": 60.0,
    "knowledgebase.publish": 20.0,
    "knowledgebase.remind": 3600.0,
    "knowledgebase.tidy": 3600.0,
}

app = Celery("anliegen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.worker_hijack_root_logger = False
app.conf.beat_schedule = {
    name: {"task": name, "schedule": seconds, "options": {"expires": max(seconds, 5.0)}}
    for name, seconds in PERIODS.items()
}
