"""Figures that every way in keeps to, with their reasons."""

from datetime import timedelta

# mail.md 13: larger mails are not loaded; a ticket is made from their beginning.
MAX_MAIL_BYTES = 35 * 1024 * 1024
# What is read of a mail beyond the limit: enough for headers and a first text part.
OVERSIZE_HEAD_BYTES = 128 * 1024
# mail.md 93: so many files of a mail become files of its ticket; all stay in the mail itself.
MAX_FILES = 50
# Raw mails up to here lie in their row; larger ones in a file.
ROW_BYTES = 64 * 1024
# Intake stops while the disk has less room than this (quality.md F5).
MIN_FREE_BYTES = MAX_MAIL_BYTES * 3 // 2
# A mail is parsed within 30 s and filed within moments; after this another may take it up.
PROCESS_LEASE = timedelta(seconds=60)
# A mail that ended its process this often is put aside, so that the others go on.
MAX_ATTEMPTS = 5
# Wait before the next try when the database or the disk was the reason.
RETRY_AFTER = timedelta(seconds=10)
# A fetcher that has not renewed its lease for so long is taken for dead.
ACCOUNT_LEASE = timedelta(seconds=60)
# mail.md 9: after this time a mail nobody could read becomes a ticket by itself.
RESCUE_AFTER = timedelta(minutes=30)
# Who wrote longer ago than this gets no receipt any more: an import must not surprise a town.
RECEIPT_WITHIN = timedelta(days=7)
# `manage.py reconcile` calls a stored mail without outcome overdue after this.
OVERDUE_AFTER = timedelta(minutes=10)
