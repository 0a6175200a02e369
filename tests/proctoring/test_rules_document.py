"""The page on rules says what the code does."""

import re

from proctoring.anomalies.risk import HIGH_FROM, MEDIUM_FROM
from proctoring.anomalies.rules import TABLE, Rule, Source
from proctoring.signals.schemas import Kind
from proctoring.signals.watching import LATE
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "proctoring-rules.md").read_text("utf-8")


def _begins(rule: Rule) -> str:
    need = f"{rule.hits} of {rule.window} pictures" if rule.source is Source.PICTURES else "once"
    return need + (f", {rule.seconds:g} s" if rule.seconds else "")


def test_every_rule_stands_on_the_page_as_it_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (\w+) \| ([\d.]+) \| ([\d.]+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    said = {row[0]: (row[1], row[2], float(row[3]), float(row[4])) for row in rows}
    done = {rule.kind.value: (_begins(rule), rule.severity.value, rule.weight, rule.cap) for rule in TABLE}
    assert said == done
    assert {rule.kind for rule in TABLE} == set(Kind)


def test_the_bands_and_limits_are_those_of_the_code() -> None:
    assert f"low < {MEDIUM_FROM} ≤ medium < {HIGH_FROM} ≤ high" in PAGE
    assert f"{LATE:g} intervals without a picture" in PAGE
