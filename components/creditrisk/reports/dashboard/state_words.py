"""How a state is called on a page."""


def words(state: str) -> str:
    """A state as people say it."""
    return {"none": "not judged", "insufficient": "not enough data"}.get(state, state)
