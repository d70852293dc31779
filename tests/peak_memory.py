"""The memory that a call allocates."""

import tracemalloc


def peak_memory(call) -> int:
    """Return the most bytes that Python allocates in a call, without what its first run loads."""
    call()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
