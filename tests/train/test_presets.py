"""The presets of a validation."""

from typing import Literal, get_args, get_origin

from dnacorpus.settings.root import ValidateSettings
from dnacorpus.train.presets import NAMES


def test_the_config_accepts_exactly_the_presets():
    accepted = ValidateSettings.model_fields["preset"].annotation
    assert get_origin(accepted) is Literal
    assert set(get_args(accepted)) == set(NAMES)
