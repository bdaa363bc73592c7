"""By when a regulator is to be told of an incident: hours from moments, and the rules that are shipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commandcenter.incidents import clocks

DORA = clocks.REGIMES["dora"]
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class TestClocks:
    def due(self, rule: int, *, done: dict[str, datetime] | None = None, **moments: datetime | None) -> clocks.Due:
        known = dict.fromkeys(clocks.STARTS) | moments
        return clocks.due(DORA[rule], known, done or {})

    def test_us_banks_have_36_hours_from_the_determination_weekends_included(self):
        (rule,) = clocks.REGIMES["us-bank"]
        friday = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
        found = clocks.due(rule, {"determined_at": friday}, {})
        assert found.at == datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
        assert "12 CFR" in rule["source"]

    def test_nothing_runs_before_it_is_decided(self):
        found = self.due(0, aware_at=NOON)
        assert (found.at, found.waits_for) == (None, "classified_at")

    def test_dora_counts_four_hours_from_classification_and_never_past_24_from_knowing(self):
        early = self.due(0, aware_at=NOON, classified_at=NOON + timedelta(hours=2))
        assert early.at == NOON + timedelta(hours=6)
        late = self.due(0, aware_at=NOON, classified_at=NOON + timedelta(hours=23))
        assert late.at == NOON + timedelta(hours=24)

    def test_dora_goes_on_from_each_report_and_ends_a_month_after(self):
        assert self.due(1).waits_for == "dora-initial"
        assert self.due(1, done={"dora-initial": NOON}).at == NOON + timedelta(hours=72)
        assert self.due(2, done={"dora-intermediate": NOON}).at == datetime(2026, 2, 28, 12, 0, tzinfo=UTC)

    @given(st.integers(0, 10 * 365 * 24 * 60))
    def test_a_month_is_the_same_day_of_the_next_or_its_last(self, minutes: int):
        start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        end = self.due(2, done={"dora-intermediate": start}).at
        assert end is not None
        assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == 1
        assert end.day == start.day or (end + timedelta(days=1)).day == 1

    def test_what_is_shipped_is_valid_and_names_its_source(self):
        for rules in clocks.REGIMES.values():
            clocks.validate(list(rules))
            assert all(rule["source"] for rule in rules)

    @pytest.mark.parametrize(
        "rules",
        [{}, [{"key": "x"}], [{"key": "x", "name": "n", "source": "s", "runs": [{"from": "later", "hours": 1}]}]],
    )
    def test_nonsense_is_refused_in_a_sentence(self, rules):
        with pytest.raises(ValueError, match=r"clock|runs"):
            clocks.validate(rules)
