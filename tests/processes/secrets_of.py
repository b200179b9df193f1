"""Every secret of a running datacenter, and where they appear in texts: the oracle of "no secret in any log"."""

import base64
import glob
import hashlib
import hmac
import json
import os
import re

from cluster_api import Api

SIGNED_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")  # whoever issued it
ANY_KEY = "PRIVATE KEY"
SECRET_ATTRIBUTES = {"token", "own-token", "parent-token", "clientToken", "clientKey", "privateKey"}
LENGTH_MIN = 8  # shorter ones would be found by chance


def superuser_token(secret):
    """As a master makes it for its own cluster's agency."""

    def encoded(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    head = encoded(b'{"alg":"HS256","typ":"JWT"}')
    body = encoded(json.dumps({"iss": "arangodb", "server_id": "test"}).encode())
    signature = hmac.new(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{encoded(signature)}"


def of_files(folder):
    """JWT secrets whole, private keys line by line."""
    found = set()
    for path in glob.glob(os.path.join(folder, "*.jwt")):
        with open(path, encoding="ascii") as file:
            found.add(file.read().strip())
    for path in glob.glob(os.path.join(folder, "*.key")) + glob.glob(os.path.join(folder, "*.keyfile")):
        with open(path, encoding="ascii") as file:
            found |= key_lines(file.read())
    return found


def key_lines(pem):
    blocks = re.findall(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", pem, re.DOTALL)
    return {line for block in blocks for line in block.split() if len(line) >= 20}


def of_agency(dc):
    """Queue tokens, the workers' tokens, the worker CA's key, client keys: all that the masters keep."""
    with open(dc.cluster_secret, encoding="ascii") as file:
        token = superuser_token(file.read().strip())
    answer = Api(dc.agents[0]).call(
        "POST", "/_api/agency/read", [["/arangodb/arangosync"]], {"Authorization": "bearer " + token}
    )
    kept = answer[0].get("arangodb", {}).get("arangosync", {})
    found = set((kept.get("directMQTokens") or {}).get("tokens") or {})
    collect(kept, found)
    return found


def collect(value, found):
    if isinstance(value, list):
        for item in value:
            collect(item, found)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in SECRET_ATTRIBUTES and isinstance(item, str) and item:
                found.add(item)
            collect(item, found)
    elif isinstance(value, str):
        found |= key_lines(value)


def leaks(secrets, text):
    """What of it appears in the text, cut short: the failure must not leak it once more."""
    found = [secret[:4] + "…" for secret in secrets if len(secret) >= LENGTH_MIN and secret in text]
    found += ["a signed token" for _ in SIGNED_TOKEN.findall(text)]
    if ANY_KEY in text:
        found.append(ANY_KEY)
    return found
