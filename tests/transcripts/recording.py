"""A recorded exchange with a real server: one request and what was answered, a line of a file of recordings.

The form is that of tests/data/arangodb/server-transcripts-*.jsonl: name, version, method, url, request_headers,
request_body, status, headers, body_text. Read by the other modules of this folder; nothing here knows the sandbox.
"""

import json
import re
import urllib.parse


class Recording:
    def __init__(self, row):
        self.name = row["name"]
        self.version = row["version"]
        self.method = row["method"]
        self.url = row["url"]
        self.request_headers = dict(row.get("request_headers") or {})
        self.request_body = row.get("request_body") or ""
        self.status = row["status"]
        self.headers = {name.lower(): value for name, value in row["headers"].items()}
        self.body = row.get("body_text") or ""
        split = urllib.parse.urlsplit(self.url)
        parts = [urllib.parse.unquote(part) for part in split.path.split("/")[1:]]
        self.database = "_system"
        if parts[:1] == ["_db"]:
            self.database, parts = parts[1], parts[2:]
        self.parts = parts  # ["_api", "document", "products", "123"]
        self.query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        self.sent = parsed(self.request_body)  # None: not JSON
        self.answer = parsed(self.body)

    @property
    def family(self):
        return self.parts[1] if len(self.parts) > 1 else ""

    def part(self, index):
        return self.parts[index] if index < len(self.parts) else ""

    @property
    def error_number(self):
        return self.answer.get("errorNum", 0) if isinstance(self.answer, dict) else 0

    @property
    def is_done(self):
        return self.status < 400

    @property
    def db_servers(self):
        """How many the recorded cluster had, as far as the answer names them; 0: a single server. By the convention of
        the file's form, names of recordings of clusters end so."""
        named = set(re.findall(r"PRMR-[-0-9a-f]+", self.body))
        return (len(named) or 3) if self.name.endswith("_cluster") else 0

    def member(self, name, otherwise=None):
        return self.answer.get(name, otherwise) if isinstance(self.answer, dict) else otherwise

    def lines(self):
        """The values of an answer of JSON lines; layout between the values does not matter."""
        return values_in(self.body)


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def values_in(text):
    decoder, values, at = json.JSONDecoder(), [], 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return values
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            return values
        values.append(value)


def read(path):
    with open(path, encoding="utf-8") as file:
        return [Recording(json.loads(line)) for line in file if line.strip()]


def full_version(recordings):
    """"3.9" in the rows; what the servers call themselves, "3.9.12", where any answer tells."""
    short = recordings[0].version
    for recording in recordings:
        found = re.search(r'"version"\s*:\s*"(' + re.escape(short) + r'\.\d+)"', recording.body)
        if found:
            return found.group(1)
    return short if short.count(".") > 1 else short + ".0"
