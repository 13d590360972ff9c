"""Things to be delivered: senders, messages, recipients, attempts."""
