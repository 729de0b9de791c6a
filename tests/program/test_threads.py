"""The BLAS limit: whoever leaves last restores it, whichever thread that is."""

from __future__ import annotations

import threading

from threadpoolctl import ThreadpoolController

from denselite.program.threads import blas_threads


def test_thread_that_leaves_last_restores_what_another_set(blas: ThreadpoolController) -> None:
    def limits() -> list[int]:
        return [library["num_threads"] for library in blas.info()]

    before, inside, may_leave = limits(), threading.Event(), threading.Event()

    def first() -> None:
        with blas_threads(0):
            inside.set()
            may_leave.wait()

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with blas_threads(0):  # this thread comes second and leaves last
        may_leave.set()
        thread.join()
        assert all(limit == 1 for limit in limits())
    assert limits() == before
