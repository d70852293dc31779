"""Counts and times in the text format of Prometheus."""

from bisect import bisect_left
from collections import Counter

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the server has done since it started."""

    def __init__(self):
        self.requests = Counter()
        self._times = [0] * (len(_SECONDS) + 1)
        self._total = 0.0

    def count(self, path, status, seconds):
        """Count an answered request; times are those of predictions."""
        self.requests[path, status] += 1
        if path == "/v1/predict":
            self._times[bisect_left(_SECONDS, seconds)] += 1
            self._total += seconds

    def text(self, **gauges) -> str:
        """Return all of it, with the numbers of the moment.

        Examples
        --------
        >>> Metrics().text(rows_total=3).splitlines()[-2:]
        ['# TYPE skmtl_rows_total counter', 'skmtl_rows_total 3']
        """
        lines = ["# TYPE skmtl_requests_total counter"]
        for (path, status), n in sorted(self.requests.items()):
            lines.append(f'skmtl_requests_total{{path="{path}",status="{status}"}} {n}')
        lines.append("# TYPE skmtl_predict_seconds histogram")
        total = 0
        for limit, n in zip([*_SECONDS, "+Inf"], self._times, strict=True):
            total += n
            lines.append(f'skmtl_predict_seconds_bucket{{le="{limit}"}} {total}')
        lines.append(f"skmtl_predict_seconds_sum {self._total:.6f}")
        lines.append(f"skmtl_predict_seconds_count {total}")
        for name, value in gauges.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# TYPE skmtl_{name} {kind}", f"skmtl_{name} {value}"]
        return "\n".join(lines) + "\n"
