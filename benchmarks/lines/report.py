"""Shows figures and bounds, and prints the JSON object that ends every benchmark."""

import json
import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """What a figure must keep to: at most, at least, or, for a negative control, be worse than the bound."""

    at_most: float | None = None
    at_least: float | None = None
    must_fail_at_most: float | None = None
    must_fail_at_least: float | None = None

    def holds(self, figure: float) -> bool:
        if self.must_fail_at_most is not None:
            return figure > self.must_fail_at_most
        if self.must_fail_at_least is not None:
            return figure < self.must_fail_at_least
        return (self.at_most is None or figure <= self.at_most) and (self.at_least is None or figure >= self.at_least)

    def as_dict(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if value is not None}


def report(bench: str, figures: dict[str, object], bounds: dict[str, Bound]) -> int:
    """Print everything, the JSON object last, and return the exit code."""
    kept = {name: bound.holds(float(figures[name])) for name, bound in bounds.items()}  # type: ignore[arg-type]
    for name, figure in figures.items():
        verdict = {True: "holds", False: "DOES NOT HOLD", None: ""}[kept.get(name)]
        bound = f"{bounds[name].as_dict()}" if name in bounds else ""
        print(f"{name:<44} {figure!s:<12} {bound} {verdict}")
    figures = {**figures, "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}"}
    asked = {name: bound.as_dict() for name, bound in bounds.items()}
    print(json.dumps({"bench": bench, "figures": figures, "bounds": asked, "holds": all(kept.values())}))
    return 0 if all(kept.values()) else 1


def ratio(ours: list[float], theirs: list[float]) -> tuple[float, float]:
    """Return the ratio of two means that were measured in pairs, and its 95 % half-width (jackknife over the pairs)."""
    count, both = len(ours), (sum(ours), sum(theirs))
    whole = both[0] / both[1]
    if count < 2:
        return whole, float("nan")
    without = [(both[0] - mine) / (both[1] - other) for mine, other in zip(ours, theirs, strict=True)]
    middle = sum(without) / count
    return whole, 1.96 * ((count - 1) / count * sum((one - middle) ** 2 for one in without)) ** 0.5
