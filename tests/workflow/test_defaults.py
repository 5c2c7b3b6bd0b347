"""The configuration's defaults are the library's."""

from dataclasses import asdict

import configuration
import pytest

from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import TrainingExecution, TrainingPlan

TRAINING = configuration.Training().model_dump()


@pytest.mark.parametrize(
    ("section", "settings", "elsewhere"),
    [
        (configuration.Network().model_dump(), NetworkSpec(), set()),
        (TRAINING, TrainingPlan(), set()),
        (TRAINING, TrainingExecution(), {"device"}),  # that of `dps`
    ],
)
def test_defaults_are_the_librarys(section, settings, elsewhere):
    expected = {name: value for name, value in asdict(settings).items() if name not in elsewhere}
    found = {name: tuple(value) if isinstance(value, list) else value for name, value in section.items()}
    assert {name: found[name] for name in expected} == expected
