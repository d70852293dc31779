"""Requests that wait share a call."""

import asyncio
import threading

import numpy as np
import pytest

from skmtl.data import Modality, Table
from skmtl.serve._batches import MOST_ROWS, Batcher


class Echo:
    """Predicts the numbers of the rows; waits at a gate before each call."""

    def __init__(self):
        self.gate = threading.Event()
        self.calls = []

    def outputs(self, table):
        self.gate.wait(10)
        self.calls.append(table.n_samples)
        values = table.modalities["x"].values[:, 0]
        if (values < 0).any():
            raise ValueError("a negative number")
        return values

    def predictions(self, outputs):
        return outputs.tolist()

    def explained(self, table, by):
        return [by] * table.n_samples


def table(*numbers):
    return Table(len(numbers), {"x": Modality.of_rows(np.array(numbers, float)[:, None])})


@pytest.fixture
def echo():
    """What computes, and the batcher in front of it."""
    echo = Echo()
    batcher = Batcher(echo)
    yield echo, batcher
    echo.gate.set()
    batcher.close()


def run(echo, batcher, *jobs):
    """Return the results of jobs that wait together, behind one that is computed."""

    async def wait():
        first = asyncio.create_task(batcher.compute(table(0), []))
        await asyncio.sleep(0.1)  # it is taken
        others = [asyncio.create_task(batcher.compute(*job)) for job in jobs]
        await asyncio.sleep(0.1)
        echo.gate.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    return asyncio.run(wait())


def test_jobs_share_a_call_and_get_their_rows(echo):
    results = run(*echo, (table(1, 2), []), (table(3), ["word"]), (table(4, 5, 6), []))
    assert results == [([0], None), ([1, 2], None), ([3], [["word"]]), ([4, 5, 6], None)]
    assert echo[0].calls == [1, 6]
    assert (echo[1].n_batches, echo[1].n_rows) == (2, 7)


def test_a_call_has_a_largest_number_of_rows(echo):
    many = [(table(*range(1, 41)), []) for _ in range(3)]
    run(*echo, *many, (table(*range(2 * MOST_ROWS)), []))
    assert echo[0].calls == [1, 40, 40, 40, 2 * MOST_ROWS], "a larger request goes alone"


def test_an_error_reaches_the_requests_of_the_call_and_no_other(echo):
    results = run(*echo, (table(-1), []))
    assert results[0] == ([0], None)
    assert isinstance(results[1], ValueError)
    assert run(*echo, (table(7), []))[1] == ([7], None), "the thread goes on"


def test_a_request_that_waits_no_longer_is_not_computed(echo):
    async def wait():
        first = asyncio.create_task(echo[1].compute(table(0), []))
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError, match=r"^$"):
            async with asyncio.timeout(0.1):
                await echo[1].compute(table(1), [])
        echo[0].gate.set()
        await first
        return await echo[1].compute(table(2), [])

    assert asyncio.run(wait()) == ([2], None)
    assert echo[0].calls == [1, 1]
