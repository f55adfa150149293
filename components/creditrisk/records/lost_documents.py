"""What the audit trail says there is, or was answered, and the store does not hold so."""

from collections.abc import Iterator

from creditrisk.records import layout
from creditrisk.records.act_documents import act_documents, document_of, gone, request_of
from creditrisk.records.binding import Binding
from creditrisk.records.change_id import POLICY
from creditrisk.records.trail_check import rewritten


def lost(binding: Binding) -> Iterator[str]:
    """Documents of acts that are gone.

    Where the records were not read and the server keeps versions: overrides that are not what
    they were. What else a month acts on is looked up one by one.
    """
    if not binding.whole:
        yield from rewritten(binding.store, (layout.OVERRIDES,), past=False)
        return
    keys = {*act_documents(binding.store)}
    for record in binding.records():
        key = document_of(record)
        if not key or key in keys:
            continue
        if not layout.possible(key):
            yield f"record {record.sequence} of the audit trail is about no document: {key}"
        elif binding.store.tag(key) is None:  # the listing may be older
            yield gone(key, record)


def requests(binding: Binding) -> Iterator[str]:
    """Requests that are gone, though nobody has answered them; or are there, though one has."""
    for key in binding.store.keys(layout.PENDING):
        id = layout.name_of(key)
        of = "policy_" if id.startswith(POLICY) else ""
        answers = (binding.find(f"{of}{answer}", id) for answer in ("approved", "rejected"))
        if record := next(filter(None, answers), None):
            yield (
                f"{key} was {record.event.removeprefix(of)} by record {record.sequence} of the"
                " audit trail: who did so was cut off and does so again, or somebody put it back;"
                " remove it"
            )
    for record in binding.records():
        id, of = request_of(record)
        key = layout.pending(id)
        answered = id and (binding.find(f"{of}approved", id) or binding.find(f"{of}rejected", id))
        if id and not answered and binding.store.tag(key) is None:
            yield gone(key, record)
