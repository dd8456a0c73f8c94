"""Classes on the wire; the SIS calls them sections."""

from interop.oneroster.resource import Field, Resource, register

CLASS = register(
    Resource(
        object="class",
        collection="classes",
        single="class",
        path="classes",
        fields=(
            Field("title", required=True),
            Field("classCode"),
            Field("classType", "enum", values=("homeroom", "scheduled"), extensible=True),
            Field("location"),
            Field("grades", many=True),
            Field("subjects", many=True),
            Field("course", "ref", required=True, target="course"),
            Field("school", "ref", required=True, target="org"),
            Field("terms", "ref", required=True, many=True, target="academicSession"),
            Field("subjectCodes", many=True),
            Field("periods", many=True),
            Field("resources", "ref", many=True, target="resource"),
        ),
    )
)
