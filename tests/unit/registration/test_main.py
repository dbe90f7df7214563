"""`services/registration/main.py` and its settings: what an operator can get wrong."""

import pytest

from services.registration.main import service
from services.registration.settings import PREFIX, Settings
from shared.runtime.settings import BadSettings
from shared.runtime.wiring import Wiring


def test_wires_every_command_to_one_decider() -> None:
    assert Wiring(service(Settings())).deciders


def test_refuses_an_unknown_setting_and_a_zone_that_is_none() -> None:
    with pytest.raises(BadSettings, match="PRACTICE_ZON,"):
        Settings.read(PREFIX, {f"{PREFIX}PRACTICE_ZON": "x", f"{PREFIX}PRACTICE_ZONE": "Mars/Olympus"})
