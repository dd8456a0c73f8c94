"""A vendor that signs, by oauthlib's client."""

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, Client

from connections.oauth1 import SignedRequest

SHA256, SHA1 = SIGNATURE_HMAC_SHA256, SIGNATURE_HMAC_SHA1


def header(key, secret, url, *, method="GET", how=SHA256, nonce=None, at=None, body_hash=""):
    """Return the Authorization header of a signed request to the absolute address."""
    client = Client(key, client_secret=secret, signature_method=how, nonce=nonce, timestamp=at and str(at))
    if body_hash:
        known = client.get_oauth_params
        client.get_oauth_params = lambda request: [*known(request), ("oauth_body_hash", body_hash)]
    return client.sign(url, http_method=method)[1]["Authorization"]


def request(authorization, url, *, method="GET", body=b""):
    """Return the request as the portal takes it apart."""
    address, _, query = url.partition("?")
    return SignedRequest(method, (address,), query, authorization, body)
