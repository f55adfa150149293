"""One Spark session for all tests that need one: it takes longer to start than to use."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from creditrisk.stages.etl.session import spark_session
from creditrisk.storage import open_store
from tests.needs import need


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """The project's own session, as it is set for a small month."""
    need("Java")
    session = spark_session(open_store(str(tmp_path_factory.mktemp("spark"))))
    yield session
    session.stop()
