"""Who is told what, and the words of what they are told."""
