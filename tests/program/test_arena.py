from __future__ import annotations

import numpy as np

from denselite.program.arena import Arena, runs
from denselite.tensor.variable import Variable, storage_epoch


def weights(*shapes: tuple[int, ...], dtype: str = "f4") -> list[Variable]:
    rng = np.random.default_rng(0)
    return [Variable(rng.normal(size=shape).astype(dtype), name=f"w{i}") for i, shape in enumerate(shapes)]


def storages(variables: list[Variable]) -> list[np.ndarray]:
    return [v.storage for v in variables]


def test_packing_keeps_values_and_moves_the_storage() -> None:
    variables = weights((3, 5), (7,), ())
    before = [v.numpy() for v in variables]
    epoch = storage_epoch()
    Arena(variables)
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
        assert variable.packed
    assert storage_epoch() > epoch


def test_each_variable_starts_on_a_cache_line() -> None:
    variables = weights((3, 5), (7,), (16,), (1,))
    arena = Arena(variables)
    assert arena.offsets == [0, 16, 32, 48]
    assert arena.length == 64
    assert all(v.storage.ctypes.data % 64 == 0 for v in variables)


def test_doubles_take_half_as_many_a_cache_line() -> None:
    assert Arena(weights((3,), (9,), (1,), dtype="f8")).offsets == [0, 8, 24]


def test_an_assignment_goes_to_the_packed_place() -> None:
    variables = weights((2,), (2,))
    Arena(variables)
    place = variables[1].storage
    variables[1].assign([5.0, 6.0])
    assert variables[1].storage is place
    assert place.tolist() == [5.0, 6.0]


def test_fresh_arrays_of_the_layout_are_zeros() -> None:
    arena = Arena(weights((3,), (2, 2)))
    flat = arena.new()
    assert (flat.shape, flat.dtype, flat.any()) == ((arena.length,), np.float32, False)
    arena.view(flat, 1)[...] = 1.0
    assert flat.sum() == 4.0
    assert arena.view(flat, 1).shape == (2, 2)


def columns(variables: list[Variable], arena: Arena, flat: np.ndarray) -> list[list[np.ndarray]]:
    places = {id(v): k for k, v in enumerate(arena.variables)}
    return [storages(variables), [arena.view(flat, places[id(v)]) for v in variables]]


def test_all_variables_of_one_arena_are_swept_in_one_piece() -> None:
    variables = weights((3, 5), (7,), (4, 4))
    arena = Arena(variables)
    ((w, g),) = runs(columns(variables, arena, arena.new()))
    assert w.shape == g.shape == (48,)
    assert np.shares_memory(w, variables[2].storage)


def test_a_frozen_variable_in_the_middle_is_left_out() -> None:
    variables = weights((16,), (16,), (16,))
    arena = Arena(variables)
    moving = [variables[0], variables[2]]
    pieces = runs(columns(moving, arena, arena.new()))
    assert [w.shape for w, _ in pieces] == [(16,), (16,)]
    assert not any(np.shares_memory(w, variables[1].storage) for w, _ in pieces)


def test_a_variable_that_another_arena_packed_stays_and_ends_the_piece() -> None:
    shared = weights((16,), (16,))
    Arena(shared)
    place = shared[1].storage
    own = weights((16,), (16,))
    second = Arena([own[0], shared[1], own[1]])
    assert shared[1].storage is place
    pieces = runs(columns(second.variables, second, second.new()))
    covered = sum(w.size for w, _ in pieces)
    assert covered == 48
    assert len(pieces) == 3


def test_a_piece_reaches_over_the_padding_and_not_beyond() -> None:
    variables = weights((3,), (5,))
    arena = Arena(variables)
    ((w, _),) = runs(columns(variables, arena, arena.new()))
    assert w.shape == (16 + 5,)
    w[...] = 2.0
    assert all((v.numpy() == 2.0).all() for v in variables)


def test_arrays_of_no_arena_are_pieces_of_their_own() -> None:
    loose = [np.zeros(4), np.zeros((2, 2))]
    assert [[a.shape for a in group] for group in runs([loose])] == [[(4,)], [(4,)]]
