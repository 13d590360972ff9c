"""Mailbox users of a run, known to those who deliver and to the program that fetches."""

WARM, COUNTED, SERVED, SUSTAINED = "warm", "counted", "served", "sustained"


def run_of(number: int) -> str:
    """Return the mailbox user whose mails are measured in this round."""
    return f"run{number}"
