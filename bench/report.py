"""The one form in which a benchmark reports: a table to read, and one JSON object as the last line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Bar:
    """A limit the figure must keep; `at_least` turns the comparison round."""

    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether the bar is met."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def report(bench: str, engine: str, figures: Mapping[str, object], bars: Sequence[Bar]) -> None:
    """Print the figures and bars as a table, then the JSON line. The exit status never depends on them."""
    width = max((len(name) for name in [*figures, *(bar.what for bar in bars)]), default=0)
    print(f"\n{bench} on {engine}")
    for name, value in figures.items():
        print(f"  {name:<{width}}  {_shown(value)}")
    for bar in bars:
        sign, verdict = ("≥" if bar.at_least else "≤"), ("met" if bar.ok else "NOT MET")
        print(f"  {bar.what:<{width}}  {_shown(bar.value)} {sign} {_shown(bar.limit)}  {verdict}")
    rows = [{key: value for key, value in asdict(bar).items() if key != "at_least"} | {"ok": bar.ok} for bar in bars]
    line = {"bench": bench, "engine": engine, "figures": dict(figures), "bars": rows}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _shown(value: object) -> str:
    return (
        f"{value:,.3g}"
        if isinstance(value, float) and abs(value) < 100
        else f"{value:,}"
        if isinstance(value, int | float)
        else str(value)
    )
