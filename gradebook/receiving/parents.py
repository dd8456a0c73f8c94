"""The parents an address of a POST names: shared with the grant, or the standard's 404."""

from collections.abc import Mapping
from dataclasses import replace

from connections.grants import Grant
from interop.oneroster.endpoints import Endpoint
from interop.oneroster.errors import unknown_object
from roster.reading.pull import parents_for_list
from roster.reading.records import by_sourced_id


def known_parents(grant: Grant, endpoint: Endpoint, names: Mapping[str, str]) -> dict[str, str]:
    """Return the sourcedIds of the class, school or academic session in the address."""
    kept = tuple(name for name in endpoint.parents if name in ("class", "school"))
    parents_for_list(grant, replace(endpoint, parents=kept), names)
    if "academicSession" in names:
        wanted = ("academicSession", names["academicSession"])
        if wanted not in by_sourced_id(grant, [wanted]):
            raise unknown_object(*wanted)
    return {name: names[name] for name in endpoint.parents}
