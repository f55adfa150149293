"""`component`: a kfp component on one of our images, nothing installed at run time."""

import os
from collections.abc import Callable
from typing import Any

from kfp import dsl
from kfp.dsl.python_component import PythonComponent

IMAGES = {
    "spark": os.environ.get("CREDITRISK_SPARK_IMAGE") or "creditrisk-spark:0.1.0",
    "ml": os.environ.get("CREDITRISK_ML_IMAGE") or "creditrisk-ml:0.1.0",
}


COMPONENTS: dict[str, PythonComponent] = {}  # of every module imported so far, by kfp's name


def component(image: str) -> Callable[[Callable[..., Any]], PythonComponent]:
    """`dsl.component` on an image that holds this package and kfp."""

    def made(function: Callable[..., Any]) -> PythonComponent:
        found = dsl.component(
            function, base_image=IMAGES[image], install_kfp_package=False, packages_to_install=[]
        )
        COMPONENTS[found.name] = found
        return found

    return made
