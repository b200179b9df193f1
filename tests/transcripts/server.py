"""One sandbox process, spoken to over HTTP."""

import http.client
import json
import subprocess
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body
        try:
            self.value = json.loads(body)
        except ValueError:
            self.value = None


class Server:
    """`db_servers`: 0 for a single server."""

    def __init__(self, program, version, db_servers):
        command = [program, "sandbox", "cluster", "--server.port=0", f"--version-to-imitate={version}"]
        command.append(f"--dbservers={db_servers}" if db_servers else "--single-server")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.urls = {}
        for line in self.process.stdout:
            words = line.split()
            if words == ["ready"]:
                break
            self.urls.setdefault(words[0], words[1])
        front = self.urls.get("single") or self.urls.get("coordinator")
        if front is None:
            raise RuntimeError(f"the sandbox does not start: {' '.join(command)}")
        parts = urllib.parse.urlsplit(front)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def call(self, method, url, body=None, headers=None):
        data = None
        if body is not None:
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.connection.request(method, url, body=data, headers=headers or {})
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.getheaders(), answer.read().decode())

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait(timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
