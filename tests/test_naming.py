from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from denselite.naming import auto_name, clear_names


def test_first_name_is_bare_and_the_others_are_numbered_by_prefix() -> None:
    clear_names()
    assert [auto_name("a"), auto_name("a"), auto_name("b"), auto_name("a")] == ["a", "a_1", "b", "a_2"]
    clear_names()
    assert auto_name("a") == "a"


def test_threads_get_different_names() -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: auto_name("threaded"), range(400)))
    assert len(set(names)) == 400
