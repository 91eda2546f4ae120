"""Writes reference.json: values of other implementations for shared/core/performance.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    python3 test/reference/performance/make-reference.py
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import calibration, isotonic, linear_model, metrics

random = np.random.default_rng(7)
COUNT, DAYS, BINS = 400, 10, 10

days = np.sort(random.integers(0, DAYS, COUNT))
# Two decimals, so that there are ties; a shift by day, so that rows of a day are alike.
chance = np.round(np.clip(random.beta(2, 4, COUNT) + 0.1 * random.standard_normal(DAYS)[days], 0.01, 0.99), 2)
label = (random.random(COUNT) < chance**1.2).astype(float)
answer = (chance >= 0.5).astype(int)
target = np.round(10 * random.standard_normal(COUNT) + 20, 3)
guess = np.round(target + 3 * random.standard_normal(COUNT), 3)


def influences(value, rows):
    """Standard errors of a sum of influences: rows, and days with one degree of freedom less."""
    by_day = np.bincount(days, rows, DAYS)
    return {
        "value": float(value),
        "byRows": float(np.sqrt((rows**2).sum() * COUNT / (COUNT - 1))),
        "byDays": float(np.sqrt((by_day**2).sum() * DAYS / (DAYS - 1)) * stats.t.ppf(0.975, DAYS - 1)),
    }


def mean_of(rows):
    return influences(rows.mean(), (rows - rows.mean()) / COUNT)


def delong():
    """Structural components from the matrix of all pairs."""
    positive, negative = chance[label == 1], chance[label == 0]
    above = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    area = above.mean()
    rows = np.empty(COUNT)
    rows[label == 1] = (above.mean(axis=1) - area) / len(positive)
    rows[label == 0] = (above.mean(axis=0) - area) / len(negative)
    return area, rows


def expected_calibration_error():
    shares, means = calibration.calibration_curve(label, chance, n_bins=BINS, strategy="uniform")
    # As calibration_curve divides: an edge is of the bin below it.
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], chance), minlength=BINS)
    return float((np.abs(shares - means) * counts[counts > 0]).sum() / COUNT)


def expected_auc(chances):
    """Over all pairs of different rows; the standard error by moving each label a little."""

    def of(c):
        above = (chance[:, None] > chance[None, :]) + 0.5 * (chance[:, None] == chance[None, :])
        weight = np.outer(c, 1 - c)
        np.fill_diagonal(weight, 0)
        return (weight * above).sum() / weight.sum()

    step = 1e-6
    slopes = np.array([(of(chances + step * np.eye(COUNT)[i]) - of(chances - step * np.eye(COUNT)[i])) / (2 * step) for i in range(COUNT)])
    # The denominator is taken as the expected number of pairs; its own variation is in the slope.
    return {"value": float(of(chances)), "standardError": float(np.sqrt((chances * (1 - chances) * slopes**2).sum()))}


area, area_rows = delong()
assert abs(area - metrics.roc_auc_score(label, chance)) < 1e-12
slope = linear_model.LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-14, max_iter=1000)
slope.fit(np.log(chance / (1 - chance))[:, None], label)
iso = isotonic.IsotonicRegression(out_of_bounds="clip").fit(chance, label)
probes = np.round(np.linspace(-0.1, 1.1, 49), 4)
calibrated = np.clip(iso.predict(chance), 1 / (COUNT + 2), 1 - 1 / (COUNT + 2))
row_loss = -(label * np.log(chance) + (1 - label) * np.log(1 - chance))
log_odds = np.log(chance / (1 - chance))

hours = random.integers(0, 40, 200).astype(float)
ages = random.integers(5, 60, 200).astype(float)
is_in = hours < ages
survival = stats.ecdf(
    stats.CensoredData.right_censored(np.where(is_in, hours + 1, ages), ~is_in)
).cdf

reference = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "days": days.tolist(),
    "chance": chance.tolist(),
    "label": label.tolist(),
    "target": target.tolist(),
    "guess": guess.tolist(),
    "classification": {
        "auc": influences(metrics.roc_auc_score(label, chance), area_rows),
        "logLoss": mean_of(row_loss) | {"value": float(metrics.log_loss(label, chance))},
        "brier": mean_of((chance - label) ** 2) | {"value": float(metrics.brier_score_loss(label, chance))},
        "calibrationError": {"value": expected_calibration_error()},
        "calibrationSlope": {"value": float(slope.coef_[0, 0])},
        "accuracy": mean_of((answer == label).astype(float)) | {"value": float(metrics.accuracy_score(label, answer))},
        "precision": {"value": float(metrics.precision_score(label, answer))},
        "recall": {"value": float(metrics.recall_score(label, answer))},
        "f1": {"value": float(metrics.f1_score(label, answer))},
    },
    "regression": {
        "rmse": {"value": float(metrics.root_mean_squared_error(target, guess))},
        "mae": mean_of(np.abs(target - guess)) | {"value": float(metrics.mean_absolute_error(target, guess))},
        "mape": {"value": float(metrics.mean_absolute_percentage_error(target, guess))},
        "quantileLoss": {"value": float(metrics.mean_pinball_loss(target, guess, alpha=0.9))},
    },
    "isotonic": {"probes": probes.tolist(), "chances": iso.predict(probes).tolist()},
    "expected": {
        "auc": expected_auc(calibrated),
        "logLoss": {
            "value": float(-(calibrated * np.log(chance) + (1 - calibrated) * np.log(1 - chance)).mean()),
            "standardError": float(np.sqrt((calibrated * (1 - calibrated) * log_odds**2).sum()) / COUNT),
        },
        "brier": {
            "value": float((calibrated * (1 - chance) ** 2 + (1 - calibrated) * chance**2).mean()),
            "standardError": float(np.sqrt((calibrated * (1 - calibrated) * (1 - 2 * chance) ** 2).sum()) / COUNT),
        },
        "f1": {"value": float(2 * calibrated[answer == 1].sum() / (answer.sum() + calibrated.sum()))},
    },
    "kaplanMeier": {
        "hours": hours.tolist(),
        "ages": ages.tolist(),
        "times": survival.quantiles.tolist(),
        "shares": survival.probabilities.tolist(),
    },
}
path = pathlib.Path(__file__).with_name("reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
