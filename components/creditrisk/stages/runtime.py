"""`component`: a kfp component on one of our images, nothing installed at run time."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

IMAGES = {
    "spark": os.environ.get("CREDITRISK_SPARK_IMAGE", "creditrisk-spark:0.1.0"),
    "ml": os.environ.get("CREDITRISK_ML_IMAGE", "creditrisk-ml:0.1.0"),
}


def component(image: str) -> Callable[[Callable[..., Any]], BaseComponent]:
    """`dsl.component` on an image that holds this package and kfp."""
    return partial(
        dsl.component,
        base_image=IMAGES[image],
        install_kfp_package=False,
        packages_to_install=[],
    )
