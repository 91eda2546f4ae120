"""Reference values of the canary judge's forecasts and of its simulation: python3 make-reference.py > reference.json"""
import json
import platform
from math import sqrt

import scipy
from scipy.optimize import brentq
from scipy.stats import invgauss, norm


def first_passage(mean, variance, limit, units):
    """Brownian motion with drift: the first passage of `limit` is inverse Gaussian."""
    average, shape = limit / mean, limit**2 / variance
    return float(invgauss(average / shape, scale=shape).cdf(units))


def sample_size(p0, p1, r, alpha=0.05, power=0.8):
    """Canary units at which the one-sided pooled z-test has this power; solved, not by the closed form."""

    def lacking(n):
        pooled = (p1 + r * p0) / (1 + r)
        critical = norm.ppf(1 - alpha) * sqrt(pooled * (1 - pooled) * (1 + 1 / r) / n)
        spread = sqrt(p1 * (1 - p1) / n + p0 * (1 - p0) / (r * n))
        return norm.sf((critical - (p1 - p0)) / spread) - power

    return brentq(lacking, 10, 1e7)


walks = [(0.02, 0.05, 3.0, 50), (0.02, 0.05, 3.0, 150), (0.02, 0.05, 3.0, 600), (0.001, 0.01, 4.5, 5000)]
print(
    json.dumps(
        {
            "versions": {"python": platform.python_version(), "scipy": scipy.__version__},
            "firstPassages": [
                {"mean": m, "variance": v, "limit": t, "units": n, "probability": first_passage(m, v, t, n)}
                for m, v, t, n in walks
            ],
            "sampleSizes": [
                {"championsPerCanary": r, "canaryUnits": sample_size(0.01, 0.02, r)} for r in (1, 19)
            ],
        },
        indent=2,
    )
)
