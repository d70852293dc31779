"""One thread computes; requests that come meanwhile share its next call."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from skmtl.data import Table
from skmtl.serve._served import PADDED

MOST_ROWS = PADDED[-1] - 1  # of the requests that share a call


@dataclass(eq=False)
class Job:
    """What one request asks.

    Parameters
    ----------
    table : Table
        Its rows.
    by : list of str
        What to explain.
    """

    table: Table
    by: list
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def __post_init__(self):
        self.done = self.loop.create_future()

    def finish(self, result, error=None):
        """Hand the answer, or the error, to the request, unless it waits no longer."""

        def hand_over():
            if self.done.done():
                return
            if error is None:
                self.done.set_result(result)
            else:
                self.done.set_exception(error)

        with suppress(RuntimeError):  # the loop was closed, and with it the request
            self.loop.call_soon_threadsafe(hand_over)


class Batcher:
    """The thread that computes, and the jobs that wait for it.

    Parameters
    ----------
    served : ServedModel
        Computes.
    """

    def __init__(self, served):
        self.served = served
        self.n_batches = 0
        self.n_rows = 0
        self._waiting = deque()
        self._condition = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="skmtl-serve", daemon=True)
        self._thread.start()

    async def compute(self, table, by) -> tuple[list, list | None]:
        """Return predictions and, if some are asked for, explanations of the rows of a request."""
        job = Job(table, by)
        with self._condition:
            self._waiting.append(job)
            self._condition.notify()
        return await job.done

    def close(self):
        """End the thread after what it computes."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        self._thread.join()

    def _work(self):
        while jobs := self._next():
            try:
                self._compute(jobs)
            except BaseException as error:  # a request gets it; the thread goes on
                for job in jobs:
                    job.finish(None, error)

    def _next(self) -> list[Job]:
        """Wait for jobs; return those that fit into one call, none if there will be no more."""
        with self._condition:
            while True:
                self._condition.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return []
                jobs, n_rows = [], 0
                while self._waiting:
                    n_rows += self._waiting[0].table.n_samples
                    if jobs and n_rows > MOST_ROWS:
                        break
                    jobs.append(self._waiting.popleft())
                # a request whose time was up waits no longer
                jobs = [job for job in jobs if not job.done.cancelled()]
                if jobs:
                    return jobs

    def _compute(self, jobs):
        table = Table.joined([job.table for job in jobs])
        self.n_batches += 1
        self.n_rows += table.n_samples
        predictions = self.served.predictions(self.served.outputs(table))
        ends = np.cumsum([job.table.n_samples for job in jobs]).tolist()
        for job, start, end in zip(jobs, [0, *ends], ends, strict=False):
            explained = self.served.explained(job.table, job.by) if job.by else None
            job.finish((predictions[start:end], explained))
