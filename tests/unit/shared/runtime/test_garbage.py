"""Programs load with the collector at rest; once they are there it works again, if seldom."""

import gc

from shared.runtime.garbage import collect_seldom


def test_a_program_that_loaded_without_it_collects_from_then_on() -> None:
    before = gc.get_threshold()
    gc.disable()
    gc.set_threshold(700, 10, 10)
    try:
        collect_seldom()

        assert gc.isenabled()
        assert gc.get_threshold() > (700, 10, 10)
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.set_threshold(*before)
        gc.unfreeze()
