"""From settings to channels."""

import pytest

from bot.connecting import channels, webhook_secret
from bot.settings import Settings, SettingsFault

KEY = "a key of the tests, long enough"


def settings(**told):
    return Settings(_env_file=None, secret_key=KEY, **told)


def test_a_channel_set_by_halves_is_a_fault_that_names_what_is_missing():
    with pytest.raises(SettingsFault, match="HOCNGHE_ZALO_OA_APP_SECRET, HOCNGHE_ZALO_OA_WEBHOOK_KEY: missing"):
        channels(settings(zalo_oa_app_id="1"), None)


def test_each_channel_has_its_own_secret_made_from_the_key():
    one, other = (webhook_secret(settings(), name) for name in ("zalo_bot", "telegram"))
    assert one != other
    assert 8 <= len(one) <= 256
    assert one == webhook_secret(settings(), "zalo_bot")


def test_nothing_set_means_no_channel():
    assert channels(settings(), None) == ()
