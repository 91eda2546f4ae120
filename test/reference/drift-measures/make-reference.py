"""Writes reference.json: what SciPy says of the two-sample measures in shared/core/statistics.

    pip install numpy==2.4.6 scipy==1.17.1
    python3 test/reference/drift-measures/make-reference.py
"""
import json
import pathlib

import numpy
import scipy
from scipy import special, stats
from scipy.spatial import distance

random = numpy.random.default_rng(2001)


def numbers(values):
    return [round(float(value), 6) for value in values]


def samples():
    yield "continuous", numbers(random.normal(0, 1, 60)), numbers(random.normal(0.4, 1.3, 45))
    yield "equal sizes", numbers(random.exponential(2, 40)), numbers(random.exponential(2.4, 40))
    yield "tied", numbers(random.integers(0, 6, 80)), numbers(random.integers(1, 8, 33))
    yield "apart", numbers(random.normal(0, 1, 25)), numbers(random.normal(9, 1, 31))
    yield "same", [1.5, 2.5, 2.5, 7.0], [1.5, 2.5, 2.5, 7.0]
    yield "one row", [3.25], numbers(random.normal(0, 4, 12))


def two_samples(name, a, b):
    exact = stats.ks_2samp(a, b, method="exact")
    return {
        "name": name,
        "a": a,
        "b": b,
        "statistic": float(exact.statistic),
        "exact": float(exact.pvalue),
        "asymptotic": float(stats.ks_2samp(a, b, method="asymp").pvalue),
        "wasserstein": float(stats.wasserstein_distance(a, b)),
    }


def weighted():
    a, b = numbers(numpy.sort(random.normal(0, 3, 20))), numbers(numpy.sort(random.normal(1, 2, 15)))
    wa, wb = [2 ** int(x) for x in random.integers(0, 6, 20)], [2 ** int(x) for x in random.integers(0, 6, 15)]
    rows_a, rows_b = numpy.repeat(a, wa), numpy.repeat(b, wb)
    return {
        "a": a,
        "b": b,
        "weightsA": wa,
        "weightsB": wb,
        "statistic": float(stats.ks_2samp(rows_a, rows_b).statistic),
        "wasserstein": float(stats.wasserstein_distance(a, b, wa, wb)),
    }


def exact_tails():
    for m, n, h in ((7, 5, 20), (30, 30, 12), (100, 73, 2100), (400, 1000, 300), (2000, 1999, 300000), (50, 8000, 1500)):
        d = h / (m // numpy.gcd(m, n) * n)
        success, used, p = stats._stats_py._attempt_exact_2kssamp(m, n, int(numpy.gcd(m, n)), d, "two-sided")
        assert success and used == d
        yield {"countA": m, "countB": n, "statistic": float(d), "value": float(p)}


def kolmogorov_tails():
    for n in (1, 2, 7, 40, 140, 141, 500, 3000, 5000, 20000, 50000, 90909, 1000000):
        for z in (0.1, 0.2, 0.26, 0.3, 0.4, 0.54, 0.56, 0.8, 1.1, 1.36, 1.48, 1.49, 1.9, 2.1, 3.3, 6.0, 12.0, 19.0):
            x = z / numpy.sqrt(n)
            if x < 1:
                yield {"rows": n, "statistic": float(x), "value": float(stats.kstwo.sf(x, n))}


HISTOGRAMS = [
    ([120, 80, 60, 40, 0, 3, 0], [90, 95, 40, 70, 2, 0, 0]),
    ([10, 20, 30], [10, 20, 30]),
    ([500, 500], [250, 750]),
    ([1, 0], [0, 1]),
    ([100003, 99211, 101004, 99782], [49911, 50207, 49882, 50310]),
    ([int(x) for x in random.integers(1, 500, 60)], [int(x) for x in random.integers(1, 90, 60)]),
]


def histograms():
    for a, b in HISTOGRAMS:
        table = numpy.array([[r, c] for r, c in zip(a, b) if r + c > 0]).T
        test = stats.chi2_contingency(table, correction=False)
        yield {
            "reference": a,
            "current": b,
            "jensenShannon2": float(distance.jensenshannon(a, b, 2)),
            "jensenShannonE": float(distance.jensenshannon(a, b)),
            "chiSquare": {"statistic": float(test.statistic), "degreesOfFreedom": int(test.dof), "pValue": float(test.pvalue)},
        }


def shares():
    for (a, n), (b, m) in (((20, 100), (35, 120)), ((5, 1000), (900, 100000)), ((50, 100), (500, 1000)), ((1, 40), (39, 40))):
        pooled = (a + b) / (n + m)
        z = (b / m - a / n) / numpy.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        yield {"reference": [a, n], "current": [b, m], "z": float(z), "pValue": float(2 * stats.norm.sf(abs(z)))}


reference = {
    "versions": {"numpy": numpy.__version__, "scipy": scipy.__version__},
    "samples": [two_samples(*sample) for sample in samples()],
    "weighted": weighted(),
    "exactTails": list(exact_tails()),
    "kolmogorovTails": list(kolmogorov_tails()),
    "histograms": list(histograms()),
    "shares": list(shares()),
    "upperGammaShares": [
        {"a": a, "x": x, "value": float(special.gammaincc(a, x))}
        for a in (0.5, 1, 2.5, 9.5, 50, 400)
        for x in (1e-6, 0.1, 0.9, 2.0, 10.0, 49.0, 60.0, 390.0, 500.0, 690.0)
    ],
}
path = pathlib.Path(__file__).with_name("reference.json")
path.write_text(json.dumps(reference, indent=1) + "\n")
