"""Writes scikit-learn.json: scores of a small sample with ties and certainties, by scikit-learn.

Run: pip install scikit-learn==1.9.1 numpy==2.4.6 && python scikit_learn_reference.py
"""
import json
import pathlib

import numpy
import sklearn
from sklearn.metrics import brier_score_loss, log_loss, mean_squared_error, roc_auc_score

# Ties across and within classes; a certainty that is right (0, 1) and one that is wrong (1 for a 0).
LABELS = [0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0]
PROBABILITIES = [0.1, 0.4, 0.4, 0.8, 0.4, 0.4, 0.0, 1.0, 0.35, 0.7, 0.7, 1.0]
result = {
    "versions": {"sklearn": sklearn.__version__, "numpy": numpy.__version__},
    "labels": LABELS,
    "probabilities": PROBABILITIES,
    "areaUnderRocCurve": roc_auc_score(LABELS, PROBABILITIES),
    "logLoss": log_loss(LABELS, PROBABILITIES),
    "brierScore": brier_score_loss(LABELS, PROBABILITIES),
    "rootMeanSquaredError": float(numpy.sqrt(mean_squared_error(LABELS, PROBABILITIES))),
}
path = pathlib.Path(__file__).with_name("scikit-learn.json")
path.write_text(json.dumps(result, indent=2) + "\n")
