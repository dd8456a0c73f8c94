"""Demographics: one per user, under the user's sourcedId, behind a scope of their own."""

from interop.oneroster.resource import Field, Resource, register

OLD_SEXES = ("male", "female")

DEMOGRAPHICS = register(
    Resource(
        object="demographics",
        collection="demographics",
        single="demographics",
        path="demographics",
        fields=(
            Field("birthDate", "date"),
            Field("sex", "enum", values=OLD_SEXES, until=11),
            Field("sex", "enum", values=(*OLD_SEXES, "unspecified", "other"), extensible=True, since=12),
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
