"""A cluster's public HTTP API, as an ordinary user sees it: what the demo and the process tests read and write with.

Standard library only. One connection per object; every call raises ApiError with a line that names call and answer.
"""

import base64
import http.client
import json
import ssl
import urllib.parse


class ApiError(Exception):
    pass


class Api:
    def __init__(self, url, user=None, password="", timeout=60):
        parts = urllib.parse.urlparse(url)
        self.url = url
        self.host, self.port, self.tls = parts.hostname, parts.port, parts.scheme == "https"
        self.headers = {}
        if user is not None:
            token = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.headers["Authorization"] = "Basic " + token
        self.timeout = timeout
        self.connection = None

    def _connect(self):
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)

    def raw(self, method, path, body=None, headers=None):
        is_text = body is None or isinstance(body, bytes)
        data = body if is_text else json.dumps(body, ensure_ascii=False).encode()
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = self._connect()
                self.connection.request(method, path, body=data, headers={**self.headers, **(headers or {})})
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as problem:
                self.connection = None
                if attempt == 2:
                    raise ApiError(f"{method} {self.url}{path}: {problem}") from problem

    def call(self, method, path, body=None, headers=None):
        status, text = self.raw(method, path, body, headers)
        if status >= 400:
            raise ApiError(f"{method} {self.url}{path}: {status} {text[:300].decode(errors='replace')}")
        return json.loads(text) if text else None

    def text(self, method, path, body):
        """As `call`, with a body that is sent letter by letter."""
        status, text = self.raw(method, path, body.encode())
        if status >= 400:
            raise ApiError(f"{method} {self.url}{path}: {status} {text[:300].decode(errors='replace')}")

    # ---- databases, collections, documents ----
    def databases(self):
        return self.call("GET", "/_api/database")["result"]

    def collections(self, database, system=True):
        result = self.call("GET", f"{db(database)}/_api/collection")["result"]
        return [c for c in result if system or not c["isSystem"]]

    def properties(self, database, collection):
        return self.call("GET", f"{db(database)}/_api/collection/{quote(collection)}/properties")

    def indexes(self, database, collection):
        return self.call("GET", f"{db(database)}/_api/index?collection={quote(collection)}")["indexes"]

    def analyzers(self, database):
        """The database's own ones, by name; none where the server is too old to have any."""
        status, text = self.raw("GET", f"{db(database)}/_api/analyzer")
        listed = json.loads(text)["result"] if status == 200 else []
        return {one["name"]: one for one in listed if one["name"].startswith(database + "::")}

    def views(self, database):
        """With all properties, by name."""
        status, text = self.raw("GET", f"{db(database)}/_api/view")
        names = [one["name"] for one in json.loads(text)["result"]] if status == 200 else []
        return {name: self.call("GET", f"{db(database)}/_api/view/{quote(name)}/properties") for name in names}

    def documents(self, database, collection, batch=5000):
        """All documents, by key."""
        answer = self.call(
            "POST",
            f"{db(database)}/_api/cursor",
            {"query": "FOR d IN @@c RETURN d", "bindVars": {"@c": collection}, "batchSize": batch},
        )
        found = {}
        while True:
            for document in answer["result"]:
                found[document["_key"]] = document
            if not answer["hasMore"]:
                return found
            answer = self.call("PUT", f"{db(database)}/_api/cursor/{answer['id']}")

    def insert(self, database, collection, documents, size=1000, **query):
        for start in range(0, len(documents), size):
            self.bulk("POST", database, collection, documents[start : start + size], **query)

    def bulk(self, method, database, collection, items, **query):
        text = urllib.parse.urlencode(query)
        path = f"{db(database)}/_api/document/{quote(collection)}" + (f"?{text}" if text else "")
        answer = self.call(method, path, items)
        errors = [item for item in answer if isinstance(item, dict) and item.get("error")]
        if errors:
            raise ApiError(
                f"{method} {self.url}{path}: {len(errors)} of {len(items)} items failed, first: {errors[0]}"
            )
        return answer


def quote(name):
    return urllib.parse.quote(name, safe="")


def db(name):
    return "" if name == "_system" else "/_db/" + quote(name)
