"""Lists put in order for an edition before it appears.

Otherwise whoever is pulling a list when a new edition appears has it put in order while the machine is still busy with
having made that edition, and everybody who asks meanwhile waits.
"""

from connections.grants import open_grants
from interop.oneroster.query import parse_list
from roster.endpoints import ENDPOINTS
from roster.reading.freeze import Selection, freeze
from roster.reading.frozen import keep, open_pulls, pull_key, pull_of
from roster.reading.history import with_past


def put_in_order() -> int:
    """Freeze the lists of which a pull is open, as of the edition this transaction makes; return how many.

    Only whole lists in the usual order: of others nobody knows any more what was asked.
    """
    pulls = open_pulls()
    pulling = {connection for connection, _ in pulls}
    kept: set[bytes] = set()
    for grant in [with_past(each) for each in open_grants() if each.connection in pulling] if pulls else ():
        for endpoint in ENDPOINTS:
            if endpoint.kind != "list" or endpoint.parameters or not endpoint.exists_in(grant.version):
                continue
            query = parse_list("", endpoint.declaration, grant.version)
            if (grant.connection, pull_of(grant, pull_key(endpoint, (), query))) not in pulls:
                continue
            selection = Selection(grant, endpoint, (), query)
            if selection.key not in kept:
                kept.add(selection.key)
                found = freeze(selection)
                keep(selection.key, edition=found.edition, total=found.total, ids=found.ids)
    return len(kept)
