"""A bounded cache drops what was unused for longest, whatever threads do."""

from concurrent.futures import ThreadPoolExecutor

from skmtl._runtime.lru import BoundedCache


def test_what_was_unused_for_longest_goes_first():
    cache = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1  # now "b" is the older one
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
    assert cache.get("b", 0) == 0


def test_a_new_value_takes_the_place_of_the_old_one():
    cache = BoundedCache(10, size=len)
    cache.put("a", "xxxxxx")
    cache.put("a", "xxxx")
    cache.put("b", "xxxxxx")
    assert len(cache) == 2
    cache.put("c", "x")
    assert [cache.get(key) for key in "abc"] == [None, "xxxxxx", "x"]


def test_a_value_larger_than_the_cache_is_not_kept():
    cache = BoundedCache(3, size=len)
    cache.put("a", "xxxx")
    assert cache.get("a") is None
    assert len(cache) == 0


def test_pop_and_clear_make_room():
    cache = BoundedCache(5, size=len)
    cache.put("a", "xxxxx")
    assert cache.pop("a") == "xxxxx"
    assert cache.pop("a", "none") == "none"
    cache.put("b", "xxxxx")
    cache.clear()
    cache.put("c", "xxxxx")
    assert [cache.get(key) for key in "abc"] == [None, None, "xxxxx"]


def test_threads_keep_the_total_size():
    cache = BoundedCache(50, size=len)

    def work(seed):
        for number in range(2_000):
            key = (seed * 7 + number) % 40
            cache.put(key, "x" * (key % 9 + 1))
            assert cache.get(key) in (None, "x" * (key % 9 + 1))
            cache.pop((key + 3) % 40)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    cache.put("last", "x" * 50)
    assert (len(cache), cache.get("last")) == (1, "x" * 50)
