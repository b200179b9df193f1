"""Which recordings the sandbox is not meant to answer, and why. By endpoint only."""

REASONS = {
    "applier": "the sandbox follows no other server: it has no applier",
    "tick-ranges": "names the files of a log on disk; the sandbox keeps its log in memory",
    "build": "describes the build of a program that the sandbox is not",
    "unknown": "no part of what replication, its tests or everyday drivers use",
}

KNOWN_FAMILIES = {
    "document", "collection", "index", "import", "user", "database", "version", "engine", "endpoint", "simple",
    "cursor", "edges", "replication", "wal", "view", "analyzer", "aqlfunction", "cluster",
}  # fmt: skip


def reason_to_leave_out(recording):
    """None: in scope."""
    if recording.part(0) != "_api" or recording.family not in KNOWN_FAMILIES:
        return REASONS["unknown"]
    if recording.family == "replication":
        if recording.part(2).startswith("applier-"):
            return REASONS["applier"]
        if recording.part(2) == "logger-tick-ranges":
            return REASONS["tick-ranges"]
    if recording.family == "version" and recording.query.get("details") == "true":
        return REASONS["build"]
    return None
