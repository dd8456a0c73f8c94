"""Applications, their connections and the connections' credentials, tokens and access log."""

from connections.models.applications import Application, CatalogueEntry, Suggestion
from connections.models.connection import VERSIONS, Approval, Connection, SharingSettings
from connections.models.credentials import (
    AccessToken,
    Credential,
    CredentialQuerySet,
    HandOver,
    Nonce,
    TokenFailure,
)
from connections.models.log import AccessLog, DailyUse, Delivery, KindUse, SeenNetwork, UsageMark

__all__ = [
    "VERSIONS",
    "AccessLog",
    "AccessToken",
    "Application",
    "Approval",
    "CatalogueEntry",
    "Connection",
    "Credential",
    "CredentialQuerySet",
    "DailyUse",
    "Delivery",
    "HandOver",
    "KindUse",
    "Nonce",
    "SeenNetwork",
    "SharingSettings",
    "Suggestion",
    "TokenFailure",
    "UsageMark",
]
