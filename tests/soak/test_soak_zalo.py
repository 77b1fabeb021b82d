"""Ten thousand Zalo events, the program killed three times."""

import pytest
from faults.zalo_storm import ON_THE_WIRE, assert_all_is_well, stormed

EVENTS, KILLS = 10_000, 3


@pytest.mark.soak
@pytest.mark.process
async def test_ten_thousand_events_survive_three_kills(tmp_path):
    storm = await stormed(tmp_path / "data", EVENTS, KILLS)
    unknown = assert_all_is_well(storm)
    told = f"p50 {sorted(storm.took)[len(storm.took) // 2] * 1000:.0f} ms, p99 {storm.p99() * 1000:.0f} ms"
    print(f"{len(storm.took)} taken, {told}, most {max(storm.took) * 1000:.0f} ms, {unknown} of unknown fate")
    print(dict(storm.statuses))
    assert unknown <= KILLS * ON_THE_WIRE
    assert max(storm.took) < 2
    assert storm.p99() <= 0.1
