"""A package that an installation leaves out is named, with who has it; our own is a fault."""

import pytest

from creditrisk.cli.absent_packages import absent_package


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        ("catboost", "run this in the ml image, or where creditrisk[ml] is installed"),
        ("pipelines.remote", "run this in the ops image, or where creditrisk[host] is installed"),
        ("dash", "run this in the dashboard image, or where creditrisk[dashboard] is installed"),
        ("sklearn.metrics", "run this where creditrisk[demo] is installed"),  # scikit-learn's name
    ],
)
def test_who_has_it_is_named(module, advice):
    error = absent_package(ModuleNotFoundError("x", name=module))
    assert str(error) == f"{module.partition('.')[0]} is not installed here; {advice}"


@pytest.mark.parametrize("module", ["creditrisk.cli.nothing", None])
def test_a_module_of_our_own_is_a_fault_of_ours(module):
    missing = ModuleNotFoundError("x", name=module)
    with pytest.raises(ModuleNotFoundError):
        absent_package(missing)
