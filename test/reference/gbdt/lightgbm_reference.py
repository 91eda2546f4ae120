"""Writes lightgbm.json: what LightGBM reaches on the problem of problem.ts, with the built-in trainer's settings.

Run: pip install lightgbm==4.7.0 numpy==2.4.6 scikit-learn==1.9.1 && python lightgbm_reference.py
"""
import json
import pathlib

import lightgbm
import numpy
import sklearn
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score

ROW_COUNT = 40_000
DRAWS_PER_ROW = 10


def uniform(rows, draw):
    h = (rows * DRAWS_PER_ROW + draw + 1).astype(numpy.uint32)
    h = (h ^ (h >> 16)) * numpy.uint32(0x85EBCA6B)
    h = (h ^ (h >> 13)) * numpy.uint32(0xC2B2AE35)
    return (h ^ (h >> 16)).astype(numpy.float64) / 2**32


def problem(first_row):
    rows = numpy.arange(first_row, first_row + ROW_COUNT, dtype=numpy.uint32)
    a, b, c, d, e, f = (uniform(rows, k) for k in range(6))
    c = numpy.floor(c * 24)
    missing = uniform(rows, 6) < 0.1 + 0.2 * a
    storm = numpy.where((c >= 7) & (c < 10), 0.8, 0.0)
    signal = 2 * a - 1.5 * b + 4 * a * d + storm + numpy.where(missing, 0.7, e) - 2.2
    noise = uniform(rows, 7) + uniform(rows, 8) - 1
    label = (uniform(rows, 9) * 2 - 1 < signal / (1 + numpy.abs(signal))).astype(float)
    features = numpy.column_stack([a, b, c, d, numpy.where(missing, numpy.nan, e), f])
    return features, label, 10 * signal + 5 * noise


SETTINGS = dict(
    num_leaves=31, learning_rate=0.1, min_data_in_leaf=20, lambda_l2=1, max_bin=255,
    num_threads=1, deterministic=True, force_col_wise=True, verbose=-1,
)
ROUNDS = 100
train, label, value = problem(0)
test, test_label, test_value = problem(ROW_COUNT)
binary = lightgbm.train({**SETTINGS, "objective": "binary"}, lightgbm.Dataset(train, label), ROUNDS)
regression = lightgbm.train({**SETTINGS, "objective": "regression"}, lightgbm.Dataset(train, value), ROUNDS)
probabilities = binary.predict(test)
result = {
    "versions": {m.__name__: m.__version__ for m in (lightgbm, numpy, sklearn)},
    "checksums": {"positives": int(label.sum()), "values": float(value.sum()), "missing": int(numpy.isnan(train).sum())},
    "areaUnderRocCurve": roc_auc_score(test_label, probabilities),
    "logLoss": log_loss(test_label, probabilities),
    "rootMeanSquaredError": float(numpy.sqrt(mean_squared_error(test_value, regression.predict(test)))),
}
path = pathlib.Path(__file__).with_name("lightgbm.json")
path.write_text(json.dumps(result, indent=2) + "\n")
