"""Stand-ins for what is outside: a mail server that does as told, a mailbox, a clock."""
