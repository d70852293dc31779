"""One served model for all tests: every kind of column and of label, hardly trained."""

import pytest
from mixed_table import TASKS, make_mixed_table
from random_heads import with_random_heads
from serving import Client

from skmtl import MultiTaskEstimator
from skmtl.serve import create_app


@pytest.fixture(scope="session")
def served_model():
    """A model whose network was built and not trained."""
    X, y = make_mixed_table(40, missing=0.1)
    return with_random_heads(MultiTaskEstimator(tasks=TASKS, random_state=0).initialize(X, y))


@pytest.fixture(scope="session")
def served_rows():
    """The rows of the table without missing cells."""
    return make_mixed_table(40)[0]


@pytest.fixture(scope="session")
def served_app(served_model):
    """Its application."""
    return create_app(served_model, name="mixed.skmtl")


@pytest.fixture(scope="session")
def cold_app(served_model):
    """The same, with nothing compiled: for requests that are refused before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skmtl.serve._served.ServedModel.warm_up", lambda _self: None)
        return create_app(served_model)


@pytest.fixture
def client(served_app):
    """A client of it."""
    return Client(served_app)
