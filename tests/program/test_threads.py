"""The BLAS limit: whoever leaves last restores it, whichever thread that is."""

from __future__ import annotations

import threading

from threadpoolctl import ThreadpoolController

from denselite.program.threads import blas_setting, blas_threads, set_blas


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


def test_setting_is_the_users_also_while_a_program_limits_it(blas: ThreadpoolController) -> None:
    with blas.limit(limits=3, user_api="blas"):
        assert blas_setting() == 3
        with blas_threads(0):
            assert blas_setting() == 3


def test_setting_can_be_another_for_a_while(blas: ThreadpoolController) -> None:
    with blas.limit(limits=1, user_api="blas"):
        with set_blas(2):
            assert blas_setting() == 2
            with blas_threads(0):
                assert {library["num_threads"] for library in blas.info()} == {1}
                with set_blas(4):  # a program runs: its limit stands
                    assert {library["num_threads"] for library in blas.info()} == {1}
            assert blas_setting() == 2
        assert blas_setting() == 1
        with set_blas(None):
            assert blas_setting() == 1
