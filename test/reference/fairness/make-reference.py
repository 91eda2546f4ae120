"""Writes reference.json: group metrics as Fairlearn's MetricFrame defines them, by plain NumPy.

    pip install numpy==2.4.6
    python3 test/reference/fairness/make-reference.py

Fairlearn 0.13 documents: difference(method='between_groups') is the largest less the smallest group, ratio the smallest
over the largest. Demographic parity is of selection rates; equalized odds takes the worse of true
and false positive rates (agg='worst_case').
"""
import json
import pathlib

import numpy as np

random = np.random.default_rng(11)
COUNT, DAYS = 600, 12
days = np.sort(random.integers(0, DAYS, COUNT))
group = random.choice(["a", "b", "c"], COUNT, p=[0.5, 0.3, 0.2])
base = {"a": 0.45, "b": 0.35, "c": 0.55}
chance = np.round(np.clip([base[g] + 0.2 * random.standard_normal() for g in group], 0.01, 0.99), 3)
label = (random.random(COUNT) < chance).astype(float)
answer = chance >= 0.5

METRICS = {
    "selectionRate": lambda y, a: a.mean(),
    "truePositiveRate": lambda y, a: a[y == 1].mean(),
    "falsePositiveRate": lambda y, a: a[y == 0].mean(),
    "accuracy": lambda y, a: (a == (y == 1)).mean(),
}


def frame(metric):
    overall = float(metric(label, answer))
    groups = {name: float(metric(label[group == name], answer[group == name])) for name in sorted(set(group))}
    values = np.array(list(groups.values()))
    return {
        "overall": overall,
        "groups": groups,
        "betweenGroups": {"difference": float(values.max() - values.min()), "ratio": float(values.min() / values.max())},
    }


frames = {name: frame(metric) for name, metric in METRICS.items()}
rates = [frames["truePositiveRate"]["betweenGroups"], frames["falsePositiveRate"]["betweenGroups"]]
reference = {
    "versions": {"numpy": np.__version__},
    "days": days.tolist(),
    "group": group.tolist(),
    "chance": chance.tolist(),
    "label": label.tolist(),
    "frames": frames,
    "demographicParity": frames["selectionRate"]["betweenGroups"],
    "equalizedOdds": {
        "difference": max(rate["difference"] for rate in rates),
        "ratio": min(rate["ratio"] for rate in rates),
    },
}
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(reference, indent=1) + "\n")
