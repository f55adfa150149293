"""Writers that are killed, on a real MinIO."""

from uuid import uuid4

from tests.builders.killed_writers import children_start_at_once, kill_again_and_again

__all__ = ["children_start_at_once"]  # a fixture of every test here
KILLS = 50


def test_killed_at_fifty_moments_a_lake_in_a_bucket_is_what_it_would_have_been(environment):
    done = kill_again_and_again(f"s3://lake/{uuid4().hex}", KILLS, longest=0.15, seed=1)
    assert done.all >= KILLS
    assert done.between > KILLS / 10  # not all before the first commit or after the last
