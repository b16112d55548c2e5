"""Tells Python's garbage collector how a web process lives: much loaded once, little left over by a request."""

import gc

# Containers alive more than at the last look before the collector looks at the young ones; Python's own 700 is met
# several times in each request, and each hundredth look goes through all that Django has loaded.
YOUNG, MIDDLE, OLD = 20_000, 20, 50


def keep_what_is_loaded() -> None:
    """Call once when everything is loaded: that is never looked at again, and the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
