"""Demographics: one per user, under the user's sourcedId, behind a scope of their own."""

from interop.oneroster.resource import Field, Resource, register

DEMOGRAPHICS = register(
    Resource(
        object="demographics",
        collection="demographics",
        single="demographics",
        path="demographics",
        fields=(
            Field("birthDate", "date"),
            Field("sex", "enum", values=("male", "female", "unspecified", "other"), extensible=True),
            Field("americanIndianOrAlaskaNative", "boolean"),
            Field("asian", "boolean"),
            Field("blackOrAfricanAmerican", "boolean"),
            Field("nativeHawaiianOrOtherPacificIslander", "boolean"),
            Field("white", "boolean"),
            Field("demographicRaceTwoOrMoreRaces", "boolean"),
            Field("hispanicOrLatinoEthnicity", "boolean"),
            Field("countryOfBirthCode"),
            Field("stateOfBirthAbbreviation"),
            Field("cityOfBirth"),
            Field("publicSchoolResidenceStatus"),
        ),
    )
)
