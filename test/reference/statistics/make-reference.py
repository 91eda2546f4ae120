"""Writes reference.json: values of other implementations for the statistics of shared/core/statistics.

    pip install numpy==2.4.6 scipy==1.17.1
    python3 test/reference/statistics/make-reference.py
"""
import json
import pathlib

import numpy
import scipy
from scipy import stats

values = [round(float(x), 6) for x in numpy.sin(numpy.arange(1, 41) * 1.7) * 10 + numpy.arange(1, 41) % 3]
tied = [0.0] * 12 + [1.0, 1.0, 2.0, 5.0, 5.0, 9.0, 9.0, 9.0]
reference_counts, current_counts = [120, 80, 60, 40, 0, 3, 0], [90, 95, 40, 70, 2, 0, 0]


def jeffreys(reference, current):
    """scipy's relative entropies in both directions, of shares smoothed by half a row a bin."""
    pairs = [(r, c) for r, c in zip(reference, current) if r + c > 0]
    r, c = (numpy.array(side, dtype=float) + 0.5 for side in zip(*pairs))
    r, c = r / r.sum(), c / c.sum()
    return float(stats.entropy(r, c) + stats.entropy(c, r))


interval = stats.t.interval(0.95, len(values) - 1, loc=numpy.mean(values), scale=stats.sem(values))
reference = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "values": values,
    "tied": tied,
    "quantileEdges": {
        # A last edge at the maximum is dropped by ours, so the reference keeps those below it.
        name: sorted({float(q) for q in numpy.quantile(sample, numpy.arange(1, 10) / 10, method="inverted_cdf")} - {max(sample)})
        for name, sample in (("values", values), ("tied", tied))
    },
    "moments": {"mean": float(numpy.mean(values)), "standardDeviation": float(numpy.std(values, ddof=1))},
    "meanInterval95": [float(x) for x in interval],
    "populationStabilityIndex": {
        "reference": reference_counts,
        "current": current_counts,
        "value": jeffreys(reference_counts, current_counts),
    },
    "studentTQuantile": [
        {"probability": p, "degreesOfFreedom": df, "value": float(stats.t.ppf(p, df))}
        for p in (1e-6, 0.025, 0.3, 0.9, 0.975, 0.9995)
        for df in (1, 2, 6, 13, 41, 1000)
    ],
}
path = pathlib.Path(__file__).with_name("reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
