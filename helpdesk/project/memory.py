"""What a long-running process does about memory once it has started."""

import gc


def freeze() -> None:
    """Take what the start has loaded out of the garbage collector's rounds.

    Modules, models and templates live as long as the process; walking through
    them again and again was a tenth of what a mail cost.
    """
    gc.collect()
    gc.freeze()
