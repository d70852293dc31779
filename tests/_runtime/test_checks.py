"""One error type for each kind of mistake; NumPy's numbers are numbers, bools are none."""

import numpy as np
import pytest

from skmtl._runtime.checks import (
    as_count,
    as_number,
    as_share,
    as_units,
    check_choice,
    refuse_iterator,
)


@pytest.mark.parametrize("kind", [int, np.int8, np.int64, np.uint16])
def test_any_integer_is_a_count(kind):
    count = as_count("epochs", kind(3))
    assert (count, type(count)) == (3, int)


@pytest.mark.parametrize("kind", [int, float, np.int64, np.float16, np.float32, np.float64])
def test_any_number_is_a_number(kind):
    number = as_number("c", kind(1))
    assert (number, type(number)) == (1.0, float)


@pytest.mark.parametrize("value", [True, np.True_, 2.0, "2", None, np.array([2]), 2 + 0j])
def test_what_is_no_integer_is_a_type_error(value):
    with pytest.raises(TypeError, match=r"^epochs must be an int >= 1; got "):
        as_count("epochs", value)


@pytest.mark.parametrize("value", [False, np.False_, "0.5", None, np.array(0.5), 0j])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match=r"^dropout must be a number in \[0, 1\); got "):
        as_share("dropout", value)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (-1, {"low": 0}, r"c must be a finite number >= 0; got -1\."),
        (0, {"low": 0, "closed": "neither"}, r"c must be a finite number > 0; got 0\."),
        (1, {"low": 0, "high": 1, "closed": "left"}, r"c must be a number in \[0, 1\); got 1\."),
        (0, {"low": 0, "high": 1, "closed": "right"}, r"c must be a number in \(0, 1\]; got 0\."),
        (np.inf, {}, r"c must be a finite number; got inf\."),
        (np.nan, {"low": 0}, r"c must be a finite number >= 0; got nan\."),
        (-np.inf, {}, r"c must be a finite number; got -inf\."),
    ],
)
def test_a_number_out_of_bounds_is_a_value_error(value, options, text):
    with pytest.raises(ValueError, match=f"^{text}$"):
        as_number("c", value, **options)


def test_ends_belong_to_an_interval_as_it_says():
    assert [as_number("c", value, low=0, high=1) for value in (0, 1)] == [0.0, 1.0]
    assert as_number("c", 0, low=0, high=1, closed="left") == 0.0
    assert as_number("c", 1, low=0, high=1, closed="right") == 1.0


def test_a_count_too_small_is_a_value_error():
    with pytest.raises(ValueError, match=r"^n_splits must be an int >= 2; got 1\.$"):
        as_count("n_splits", 1, 2)


def test_units_are_one_width_or_several():
    assert as_units("trunk_units", None) == ()
    assert as_units("trunk_units", np.int32(8)) == (8,)
    assert as_units("trunk_units", [8, np.int64(4)]) == (8, 4)
    assert as_units("trunk_units", np.array([8, 4])) == (8, 4)


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("12", TypeError, "trunk_units must be an int or a sequence of ints; got str '12'"),
        (1.5, TypeError, "trunk_units must be an int or a sequence of ints; got float 1.5"),
        (True, TypeError, "trunk_units must be an int >= 1; got bool True"),
        ([8, 0], ValueError, "trunk_units must be an int >= 1; got 0"),
        (map(int, "12"), TypeError, "trunk_units must be something that can be read more than"),
    ],
)
def test_units_of_another_kind_are_refused(value, error, text):
    with pytest.raises(error, match=text):
        as_units("trunk_units", value)


def test_one_shot_iterators_are_refused(tmp_path):
    (tmp_path / "words").write_text("a\n", encoding="utf-8")
    with open(tmp_path / "words", encoding="utf-8") as file:
        for value in (iter([1]), map(int, "1"), (x for x in "a"), zip("a", "b", strict=True), file):
            with pytest.raises(TypeError, match=r"^words must be something .* Make a list of it"):
                refuse_iterator("words", value)
        assert file.read() == "a\n"  # and nothing was read from it
    for value in ([1], (1,), {1: 2}, {1}, "a", range(3), np.arange(3), None, 3, {1: 2}.keys()):
        refuse_iterator("words", value)


def test_a_choice_is_one_of_those_allowed():
    check_choice("mode", None, (None, "a"))
    with pytest.raises(ValueError, match=r"mode must be one of None, 'a'; got 'b'\."):
        check_choice("mode", "b", (None, "a"))
