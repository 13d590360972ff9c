"""Forms of one page that become a request at once: a barrier, a wish to be called."""
