"""Orgs: the district and its schools."""

from interop.oneroster.resource import Field, Resource, register

ORG = register(
    Resource(
        object="org",
        collection="orgs",
        single="org",
        path="orgs",
        fields=(
            Field("name", required=True),
            Field(
                "type",
                "enum",
                required=True,
                values=("department", "school", "district", "local", "state", "national"),
                extensible=True,
            ),
            Field("identifier", required=(12,)),
            Field("parent", "ref", target="org"),
            Field("children", "ref", many=True, target="org"),
        ),
    )
)
