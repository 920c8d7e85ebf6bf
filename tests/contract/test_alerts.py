"""The rules for Prometheus in ``docker/`` ask for what our processes really serve."""

import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

from streams import metrics
from streams.sources.dollars import metrics as dollar_metrics
from streams.sources.solana import metrics as solana_metrics
from streams.sources.x import metrics as x_metrics

RULES = Path(__file__).parents[2] / "docker" / "alerts.yaml"


def test_rules_ask_for_metrics_and_labels_that_exist() -> None:
    """A rule about a metric that nobody serves would never fire, and nobody would notice."""
    rules = [rule for one in yaml.safe_load(RULES.read_text())["groups"] for rule in one["rules"]]
    asked = {name for rule in rules for name in re.findall(r"btracker_\w+", rule["expr"])}
    known = {family.name for family in REGISTRY.collect()}

    # What is imported is registered.
    assert {metrics.UNKNOWN, solana_metrics.CONTRADICTIONS, dollar_metrics.TIME, x_metrics.STOPPED}
    assert "btracker_decode_unknown_total" in asked
    assert set() == {name for name in asked if name.removesuffix("_total") not in known}
    assert all(rule["annotations"]["summary"] for rule in rules)


def test_a_label_in_a_summary_is_one_that_the_rule_keeps() -> None:
    """A label that was summed away would leave a hole in what people read."""
    rules = [rule for one in yaml.safe_load(RULES.read_text())["groups"] for rule in one["rules"]]
    labels = {"btracker_stream_failures_total": {"stage"}}

    for rule in rules:
        wanted = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = set(re.findall(r"by \((\w+)\)", rule["expr"]))
        named = [labels[name] for name in labels if name in rule["expr"]]

        assert wanted <= kept.union(*named)
