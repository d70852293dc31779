"""Tools that watch a training or choose its parameters, as docs/training.md shows them."""

import keras
import numpy as np
import pandas as pd
import pytest

from skmtl import MultiTaskClassifier
from skmtl.display import ParetoFrontDisplay

X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=list("abc"))
Y = pd.DataFrame({"side": X["a"] > 0, "sign": X["b"] > 0})
TRAIN, VAL = slice(0, 30), slice(30, None)


def fit(**parameters):
    model = MultiTaskClassifier(**{"epochs": 2, "branch_units": 4, "random_state": 0} | parameters)
    return model.fit(X[TRAIN], Y[TRAIN], X_val=X[VAL], y_val=Y[VAL])


def test_mlflow_has_the_numbers_of_every_epoch_and_the_file(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="MLflow comes with the extra interplay")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    log = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: mlflow.log_metrics(logs, step=epoch + 1)
    )
    with mlflow.start_run() as run:
        model = fit(callbacks=log)
        model.set_params(callbacks=None).save(tmp_path / "model.skmtl")
        mlflow.log_artifact(str(tmp_path / "model.skmtl"))
    client = mlflow.MlflowClient()
    frame = model.history_frame()
    assert set(client.get_run(run.info.run_id).data.metrics) == set(frame)
    for name in frame:
        seen = client.get_metric_history(run.info.run_id, name)
        assert [(one.step, one.value) for one in seen] == list(frame[name].items())
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["model.skmtl"]


def test_tensorboard_has_the_numbers_of_every_epoch(tmp_path):
    pytest.importorskip("tensorboard", reason="TensorBoard comes with the extra interplay")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    model = fit(callbacks=keras.callbacks.TensorBoard(tmp_path, write_graph=False))
    for folder, prefix in (("train", ""), ("validation", "val_")):
        events = EventAccumulator(str(tmp_path / folder)).Reload()
        for name in ("loss", "side_accuracy", "sign_loss"):
            seen = events.Tensors(f"epoch_{name}")
            values = [float(tensor_util.make_ndarray(one.tensor_proto)) for one in seen]
            np.testing.assert_allclose(values, model.history_[prefix + name], rtol=1e-6)


def test_optuna_finds_a_pareto_front_with_an_objective_per_task():
    optuna = pytest.importorskip("optuna", reason="Optuna comes with the extra interplay")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    tasks = list(Y)

    def objective(trial):
        weight = trial.suggest_float("weight", 0.1, 0.9)
        scores = fit(loss_weights=[weight, 1 - weight]).history_frame().iloc[-1]
        return [scores[f"val_{task}_accuracy"] for task in tasks]

    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(directions=["maximize"] * 2, sampler=sampler)
    study.optimize(objective, n_trials=5)
    display = ParetoFrontDisplay.from_study(study, tasks)
    front = {trial.number for trial in study.best_trials}
    assert set(np.flatnonzero(display.is_efficient)) == front
    np.testing.assert_array_equal(display.means, [trial.values for trial in study.trials])
    assert display.names[0] == f"weight: {study.trials[0].params['weight']:.3g}"
    assert display.ax_.get_xlabel() == "side"
