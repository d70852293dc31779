"""Every class of every task has its share in every part, as near as the data allow."""

import itertools
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_score,
    cross_validate,
)
from sklearn.tree import DecisionTreeClassifier

from skmtl.metrics import make_task_scorer
from skmtl.model_selection import (
    MultiTaskStratifiedKFold,
    MultiTaskStratifiedShuffleSplit,
    RepeatedMultiTaskStratifiedKFold,
)

SPLITTERS = [
    MultiTaskStratifiedKFold(3, shuffle=True, random_state=0),
    RepeatedMultiTaskStratifiedKFold(3, n_repeats=2, random_state=0),
    MultiTaskStratifiedShuffleSplit(3, test_size=0.3, random_state=0),
]


def label_tables(n_tasks, min_rows=2, max_rows=30, n_classes=4):
    label = st.one_of(st.none(), st.integers(0, n_classes - 1))
    return st.lists(st.tuples(*[label] * n_tasks), min_size=min_rows, max_size=max_rows).map(
        lambda rows: pd.DataFrame(rows, dtype=object)
    )


def class_counts(y, fold, n_folds):
    """Counts per class (missing is one) of every task, and of all rows: (n_classes, n_folds)."""
    blocks = [np.bincount(fold, minlength=n_folds)[None, :]]
    for _, column in y.items():
        codes = pd.factorize(column, use_na_sentinel=False)[0]
        counts = np.zeros((codes.max() + 1, n_folds), dtype=int)
        np.add.at(counts, (codes, fold), 1)
        blocks.append(counts)
    return np.vstack(blocks)


def chi_square(y, fold, n_folds):
    counts = class_counts(y, fold, n_folds)
    total = counts.sum(axis=1, keepdims=True)
    return ((counts - total / n_folds) ** 2 / total).sum()


def folds_of(cv, y, groups=None):
    fold = np.full(len(y), -1)
    for i, (train, test) in enumerate(cv.split(np.zeros(len(y)), y, groups)):
        assert np.array_equal(np.union1d(train, test), np.arange(len(y)))
        assert len(np.intersect1d(train, test)) == 0
        assert (fold[test] == -1).all()
        fold[test] = i
    assert (fold >= 0).all()
    return fold


@given(y=st.integers(1, 2).flatmap(label_tables), n_folds=st.integers(2, 6), seed=st.integers(0, 3))
def test_with_two_tasks_every_class_is_within_one_row_in_all_folds(y, n_folds, seed):
    n_folds = min(n_folds, len(y))
    for cv in (
        MultiTaskStratifiedKFold(n_folds),
        MultiTaskStratifiedKFold(n_folds, shuffle=True, random_state=seed),
    ):
        counts = class_counts(y, folds_of(cv, y), n_folds)
        assert (counts.max(axis=1) - counts.min(axis=1) <= 1).all()


def best_by_enumeration(y, n_folds):
    """Lowest chi-square distance over all splits into folds of even sizes."""
    n_rows = len(y)
    # the first row may stay in the first fold: folds are interchangeable
    rest = np.array(list(itertools.product(range(n_folds), repeat=n_rows - 1)), dtype=np.int8)
    splits = np.column_stack([np.zeros(len(rest), dtype=np.int8), rest.reshape(-1, n_rows - 1)])
    in_fold = splits[:, :, None] == np.arange(n_folds)
    sizes = in_fold.sum(axis=1)
    in_fold = in_fold[(sizes.max(axis=1) - sizes.min(axis=1)) <= 1]
    member = class_counts(y, np.arange(n_rows), n_rows)  # (n_classes, n_rows)
    counts = np.einsum("cr,srf->scf", member, in_fold.astype(np.int64))
    total = member.sum(axis=1)[:, None]
    return ((counts - total / n_folds) ** 2 / total).sum(axis=(1, 2)).min()


@given(
    y=st.integers(1, 4).flatmap(lambda n: label_tables(n, max_rows=8, n_classes=3)),
    n_folds=st.integers(2, 3),
)
def test_no_enumerated_split_is_better(y, n_folds):
    n_folds = min(n_folds, len(y))
    ours = chi_square(y, folds_of(MultiTaskStratifiedKFold(n_folds), y), n_folds)
    assert ours == pytest.approx(best_by_enumeration(y, n_folds))


@pytest.mark.parametrize(("n_tasks", "n_rows"), [(2, 60), (3, 40), (5, 100)])
def test_stratifying_any_single_task_is_never_better(n_tasks, n_rows):
    rng = np.random.default_rng(n_tasks)
    y = pd.DataFrame(rng.zipf(1.5, size=(n_rows, n_tasks)) % 5)
    ours = chi_square(y, folds_of(MultiTaskStratifiedKFold(3), y), 3)
    joint = y.astype(str).agg("|".join, axis=1)
    for seed in range(10):
        for labels in (*(y[task] for task in y), *([joint] if n_tasks < 5 else [])):
            single = StratifiedKFold(3, shuffle=True, random_state=seed)
            fold = np.empty(n_rows, dtype=int)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # classes with fewer than 3 rows
                for i, (_, test) in enumerate(single.split(y, labels)):
                    fold[test] = i
            assert ours <= chi_square(y, fold, 3) + 1e-9


def test_each_task_is_as_even_as_its_own_stratification():
    rng = np.random.default_rng(0)
    y = pd.DataFrame(rng.zipf(1.5, size=(500, 3)) % 8)
    counts = class_counts(y, folds_of(MultiTaskStratifiedKFold(5), y), 5)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() == 1


@pytest.mark.parametrize("missing_label", [None, -1])
def test_rows_without_a_label_are_spread_like_a_class(missing_label):
    labels = [0] * 10 + [1] * 10 + [missing_label] * 10
    y = pd.DataFrame({"a": labels, "b": labels[::-1]}, dtype=object)
    cv = MultiTaskStratifiedKFold(5, shuffle=True, random_state=1, missing_label=missing_label)
    for _, test in cv.split(y, y):
        assert y["a"].iloc[test].value_counts(dropna=False).to_list() == [2, 2, 2]
        assert y["b"].iloc[test].value_counts(dropna=False).to_list() == [2, 2, 2]


def test_every_kind_of_missing_value_is_the_same_class():
    column = [None, float("nan"), pd.NA, np.nan, "a", "a"]
    y = pd.DataFrame({"a": pd.Series(column, dtype=object)})
    for _, test in MultiTaskStratifiedKFold(2).split(y, y):
        assert y["a"].iloc[test].isna().sum() == 2
    listed = [[label] for label in column]
    assert_same_splits(MultiTaskStratifiedKFold(2), y, listed)


def assert_same_splits(cv, y, other):
    for (train, test), (other_train, other_test) in zip(
        cv.split(y, y), cv.split(other, other), strict=True
    ):
        np.testing.assert_array_equal(train, other_train)
        np.testing.assert_array_equal(test, other_test)


@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
def test_same_seed_same_parts_and_other_seed_other_parts(cv):
    y = pd.DataFrame(np.random.default_rng(0).integers(0, 3, size=(50, 3)))
    first = [test.tolist() for _, test in cv.split(y, y)]
    assert first == [test.tolist() for _, test in cv.split(y, y)]
    other = pickle.loads(pickle.dumps(cv))
    assert first == [test.tolist() for _, test in other.split(y, y)]
    other.random_state = 1
    assert first != [test.tolist() for _, test in other.split(y, y)]


def test_shuffling_parts_rows_that_were_together():
    y = np.zeros((40, 2))  # nothing but the order tells these rows apart
    together = np.zeros((40, 40))
    for seed in range(30):
        cv = MultiTaskStratifiedKFold(2, shuffle=True, random_state=seed)
        fold = folds_of(cv, y_frame(y))
        together += fold[:, None] == fold[None, :]
    pairs = together[np.triu_indices(40, 1)]
    assert pairs.min() > 3
    assert pairs.max() < 27


def test_shuffling_parts_rows_with_labels_of_their_own():
    y = pd.DataFrame({"a": np.arange(40), "b": np.arange(40) % 20})
    folds = [
        folds_of(MultiTaskStratifiedKFold(2, shuffle=True, random_state=seed), y)
        for seed in range(5)
    ]
    agreement = [np.mean(a == b) for a, b in itertools.combinations(folds, 2)]
    assert max(agreement) < 0.9
    assert min(agreement) > 0.1


def y_frame(y):
    return pd.DataFrame(y, columns=[f"task_{i}" for i in range(y.shape[1])])


def test_repetitions_differ_and_each_is_a_partition():
    y = pd.DataFrame(np.random.default_rng(0).integers(0, 3, size=(30, 2)))
    cv = RepeatedMultiTaskStratifiedKFold(3, n_repeats=4, random_state=0)
    tests = [test for _, test in cv.split(y, y)]
    assert len(tests) == cv.get_n_splits() == 12
    for i in range(0, 12, 3):
        assert sorted(np.concatenate(tests[i : i + 3])) == list(range(30))
    assert len({tuple(test) for test in tests}) == 12


@pytest.mark.slow
@given(
    y=label_tables(2, min_rows=10, max_rows=40),
    n_test=st.integers(1, 5),
    n_train=st.one_of(st.none(), st.integers(1, 5)),
)
def test_shuffle_split_has_the_sizes_asked_for(y, n_test, n_train):
    cv = MultiTaskStratifiedShuffleSplit(2, test_size=n_test, train_size=n_train, random_state=0)
    for train, test in cv.split(y, y):
        assert len(test) == n_test
        assert len(train) == (len(y) - n_test if n_train is None else n_train)
        assert not np.intersect1d(train, test).size


def test_shuffle_split_keeps_shares():
    rng = np.random.default_rng(0)
    y = pd.DataFrame(rng.zipf(1.5, size=(600, 3)) % 8)
    cv = MultiTaskStratifiedShuffleSplit(5, test_size=0.25, train_size=0.5, random_state=0)
    for train, test in cv.split(y, y):
        part = np.full(len(y), 2)
        part[train], part[test] = 0, 1
        counts = class_counts(y, part, 3)
        expected = counts.sum(axis=1, keepdims=True) * [0.5, 0.25, 0.25]
        assert np.abs(counts - expected).max() <= 1.0


@pytest.mark.slow
@given(
    y=label_tables(2, min_rows=12, max_rows=40),
    n_groups=st.integers(3, 10),
    seed=st.integers(0, 100),
)
def test_groups_stay_together(y, n_groups, seed):
    groups = np.random.default_rng(seed).permutation(np.arange(len(y)) % n_groups)
    for cv in SPLITTERS:
        for train, test in cv.split(y, y, groups):
            assert not set(groups[train]) & set(groups[test])
            assert len(train)
            assert len(test)


def test_no_enumerated_assignment_of_groups_is_better():
    rng = np.random.default_rng(0)
    for _ in range(20):
        groups = np.sort(rng.integers(0, 7, size=30))
        names, groups = np.unique(groups, return_inverse=True)
        y = pd.DataFrame(rng.integers(0, 3, size=(30, 2)))
        ours = chi_square(y, folds_of(MultiTaskStratifiedKFold(2), y, groups), 2)
        best = min(
            chi_square(y, np.array(split)[groups], 2)
            for split in itertools.product(range(2), repeat=len(names))
        )
        assert ours == pytest.approx(best)


def test_groups_of_one_row_are_as_good_as_rows():
    y = pd.DataFrame(np.random.default_rng(3).integers(0, 4, size=(40, 2)))
    counts = class_counts(y, folds_of(MultiTaskStratifiedKFold(4), y, np.arange(40)), 4)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_a_large_table_is_split_evenly():
    rng = np.random.default_rng(0)
    y = pd.DataFrame(rng.zipf(1.5, size=(100_000, 3)) % [5, 20, 50])
    counts = class_counts(y, folds_of(MultiTaskStratifiedKFold(5), y), 5)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_a_search_takes_the_splitter_where_labels_are_missing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = pd.DataFrame({"a": X[:, 0] > 0, "b": X[:, 1] > 0}, dtype=object)
    y.loc[::5, "b"] = None
    search = GridSearchCV(
        OnlyFirstTask(),
        {"max_depth": [1, 2]},
        cv=MultiTaskStratifiedKFold(3),
        scoring=make_task_scorer("a"),
        error_score="raise",
    ).fit(X, y)
    assert search.best_score_ > 0.95


class OnlyFirstTask(DecisionTreeClassifier):
    """A classifier that takes a table of labels and learns its first column."""

    def __init__(self, max_depth=None):
        super().__init__(max_depth=max_depth)

    def fit(self, X, y):
        return super().fit(X, y["a"].astype(bool))


def test_groups_reach_the_splitter_through_cross_validation():
    X, y = np.arange(24.0)[:, None], np.arange(24) % 2
    groups = np.arange(24) // 6
    scores = cross_val_score(
        DecisionTreeClassifier(), X, y, groups=groups, cv=MultiTaskStratifiedKFold(4)
    )
    assert len(scores) == 4


def test_groups_of_one_row_have_the_sizes_asked_for():
    y = pd.DataFrame(np.random.default_rng(0).integers(0, 2, size=(40, 2)))
    cv = MultiTaskStratifiedShuffleSplit(3, test_size=10, random_state=0)
    for train, test in cv.split(y, y, np.arange(40)):
        assert (len(train), len(test)) == (30, 10)
    cv = MultiTaskStratifiedShuffleSplit(3, test_size=10, train_size=10, random_state=0)
    for train, test in cv.split(y, y, np.arange(40)):
        assert (len(train), len(test)) == (10, 10)


@pytest.mark.parametrize(
    "y", [[0, 1, 0, 1], [[0], [1], [0], [1]], np.array([0, 1, 0, 1]), pd.Series([0, 1, 0, 1])]
)
def test_one_task_may_come_in_any_container(y):
    for _, test in MultiTaskStratifiedKFold(2).split(y, y):
        assert sorted(np.ravel(y)[test]) == [0, 1]


@pytest.mark.parametrize("missing_label", [-1, "?"])
def test_a_missing_label_is_the_same_class_as_none(missing_label):
    column = [0, 1, None, missing_label, 0, 1, missing_label, None]
    y = pd.DataFrame({"a": column, "b": [0, 0, 1, 1] * 2}, dtype=object)
    assert_same_splits(
        MultiTaskStratifiedKFold(2, missing_label=missing_label), y.replace(missing_label, None), y
    )


def test_the_defaults():
    y = np.arange(50) % 2
    assert (
        MultiTaskStratifiedKFold().get_n_splits()
        == len(list(MultiTaskStratifiedKFold().split(y, y)))
        == 5
    )
    assert RepeatedMultiTaskStratifiedKFold().get_n_splits() == 50
    cv = MultiTaskStratifiedShuffleSplit()
    parts = list(cv.split(y, y))
    assert len(parts) == cv.get_n_splits() == 10
    assert {(len(train), len(test)) for train, test in parts} == {(45, 5)}
    assert len({test.tobytes() for _, test in parts}) > 1
    unshuffled = MultiTaskStratifiedKFold(shuffle=False)
    assert_same_splits(unshuffled, y, y)
    assert [test.tolist() for _, test in MultiTaskStratifiedKFold().split(y, y)] == [
        test.tolist() for _, test in unshuffled.split(y, y)
    ]


def test_repr_names_the_parameters():
    assert "n_splits=3" in repr(MultiTaskStratifiedKFold(3))


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: MultiTaskStratifiedKFold(True), TypeError, ">= 2; got bool True"),
        (
            lambda: next(MultiTaskStratifiedShuffleSplit().split([0] * 3, None)),
            ValueError,
            "needs the labels y; got None",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(2).split([0] * 3, np.zeros((3, 0)))),
            ValueError,
            r"y must have shape.*got shape \(3, 0\)",
        ),
        (lambda: MultiTaskStratifiedKFold(1), ValueError, "n_splits must be an int >= 2; got 1"),
        (
            lambda: MultiTaskStratifiedKFold("3"),
            TypeError,
            "n_splits must be an int >= 2; got str '3'",
        ),
        (lambda: MultiTaskStratifiedKFold(shuffle=1), TypeError, "shuffle must be True or False"),
        (
            lambda: MultiTaskStratifiedKFold(random_state=0),
            ValueError,
            "random_state has no effect without shuffle=True",
        ),
        (
            lambda: RepeatedMultiTaskStratifiedKFold(n_repeats=0),
            ValueError,
            "n_repeats must be an int >= 1; got 0",
        ),
        (
            lambda: MultiTaskStratifiedShuffleSplit(0),
            ValueError,
            "n_splits must be an int >= 1; got 0",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(5).split([0] * 3, [0] * 3)),
            ValueError,
            "n_splits must be at most the number of rows, 3; got 5",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(2).split([0] * 3, None)),
            ValueError,
            "needs the labels y; got None",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(2).split([0] * 4, [0] * 4, [0] * 4)),
            ValueError,
            "2 parts need at least as many groups; got 1",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(2).split([0] * 3, [0] * 3, ["a", None, "b"])),
            ValueError,
            "groups has a missing value in row 1",
        ),
        (
            lambda: next(MultiTaskStratifiedKFold(2).split([0] * 3, np.zeros((3, 2, 1)))),
            ValueError,
            r"y must have shape.*got shape \(3, 2, 1\)",
        ),
    ],
)
def test_bad_input_is_named(make, error, text):
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
def test_groups_are_routed_as_metadata(cv):
    X, y = np.arange(24.0)[:, None], np.arange(24) % 2
    groups = np.arange(24) // 4
    with config_context(enable_metadata_routing=True):
        result = cross_validate(
            DecisionTreeClassifier(), X, y, cv=cv, params={"groups": groups}, return_indices=True
        )
    for train, test in zip(*result["indices"].values(), strict=True):
        assert not set(groups[train]) & set(groups[test])
