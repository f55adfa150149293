"""Work that is no query, on executors: each item is a task, by the function a driver would call."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from pyspark import SparkContext

from creditrisk.errors import UserError

T = TypeVar("T")
R = TypeVar("R")


def task_each(executors: SparkContext, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """`work` on every item, in the items' order; a message for a person is raised as it was there.

    Whatever else it raises is tried again, as Spark does with a task, before it ends the job.
    """
    found = executors.parallelize(items, len(items)).map(partial(_answer, work)).collect()
    done = [one for one in found if not isinstance(one, UserError)]
    if refusal := next((one for one in found if isinstance(one, UserError)), None):
        raise refusal
    return done


def _answer(work: Callable[[T], R], item: T) -> R | UserError:
    try:
        return work(item)
    except UserError as refusal:  # as a value: Spark would make it a trace, after three more tries
        return refusal
