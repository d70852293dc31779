"""Counts and times."""

from skmtl.serve._metrics import Metrics


def test_times_are_in_buckets_and_add_up():
    metrics = Metrics()
    for seconds in (0.001, 0.02, 0.02, 99.0):
        metrics.count("/v1/predict", 200, seconds)
    metrics.count("/health", 200, 5.0)
    lines = metrics.text(running=1, rows_total=7).splitlines()
    assert 'skmtl_requests_total{path="/v1/predict",status="200"} 4' in lines
    assert 'skmtl_requests_total{path="/health",status="200"} 1' in lines
    assert 'skmtl_predict_seconds_bucket{le="0.005"} 1' in lines
    assert 'skmtl_predict_seconds_bucket{le="0.025"} 3' in lines
    assert 'skmtl_predict_seconds_bucket{le="+Inf"} 4' in lines
    assert "skmtl_predict_seconds_sum 99.041000" in lines
    assert "# TYPE skmtl_running gauge" in lines
    assert "# TYPE skmtl_rows_total counter" in lines
