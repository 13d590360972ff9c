"""How many threads a process has, and from that how many connections to its database.

Numbers alone: the settings are made of them, before anything of Django can be imported.
"""

# So many pages are made at once; others wait for their turn, and files are sent beside them.
PAGES = 24
# So many tasks run at once in the one-process run.
TASKS = 6
# Fetchers, those who file beside them, and senders: they hold none while a server answers, and so
# few of them need one at a time, however many mailboxes and senders there are.
BESIDE = 10
CONNECTIONS = PAGES + TASKS + BESIDE
