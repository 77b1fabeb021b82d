"""Hundreds of Zalo events, some twice, some forged, the program killed in their midst (full size: tests/soak)."""

import pytest
from faults.zalo_storm import ON_THE_WIRE, assert_all_is_well, stormed

pytestmark = pytest.mark.process


async def test_every_genuine_message_is_answered_once_and_no_other(tmp_path):
    storm = await stormed(tmp_path / "data", events=400, kills=1)
    unknown = assert_all_is_well(storm)
    assert unknown <= ON_THE_WIRE, "only what was on its way when it was killed"
    assert {status for (kind, status) in storm.statuses if kind == "forged"} <= {401, 0}
    assert {status for (kind, status) in storm.statuses if kind == "malformed"} <= {400, 0}
    assert max(storm.took) < 2
