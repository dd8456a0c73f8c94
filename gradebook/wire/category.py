"""Categories on the wire."""

from interop.oneroster.resource import Field, Resource, register

CATEGORY = register(
    Resource(
        object="category",
        collection="categories",
        single="category",
        path="categories",
        service="gradebook",
        fields=(
            Field("title", required=True),
            Field("weight", "float", since=12),
        ),
    )
)
