"""Worlds whose log or dump answers like a recording: what its lines tell happens again, here.

The lines of a recorded log are replayed as requests, each a change that writes just that line; a tick that the request
starts from is the last one before they happen. Where the recording's chunk was too small for all that was written, more
happens than its lines tell.
"""

STRUCTURE_CREATED, STRUCTURE_DROPPED, STORED, REMOVED = 2000, 2001, 2300, 2302


def last_tick(world):
    state = world.step("GET", "/_api/replication/logger-state")
    return state["state"]["lastLogTick"]


def follow_rule(world, recording):
    names = {}
    replay_log(world, recording, names, lambda line: line.get("cname"))


def wal_rule(world, recording):
    if recording.part(2) == "tail":
        replay_log(world, recording, {}, lambda line: None)


def replay_log(world, recording, names, name_of):
    lines = recording.lines()
    make_way(world, lines)
    missing_past(world, lines, names, name_of)
    tick = last_tick(world)
    if "from" in recording.query:
        world.ids[recording.query["from"]] = tick
    for line in lines:
        replay_line(world, line, names, name_of)
    if ends_early(recording):
        world.create_collection("written-after-the-last-line")


def holder(line):
    return line.get("cid") or line.get("cuid")


def make_way(world, lines):
    """A user of the log is the user of that name who is here already."""
    for line in lines:
        data = line.get("data") or {}
        if line["type"] != STORED or line.get("cname") != "_users":
            continue
        query = {"query": "FOR d IN _users FILTER d.user == @name RETURN d._key", "bindVars": {"name": data["user"]}}
        for key in world.step("POST", "/_api/cursor", query)["result"]:
            if key != data["_key"]:
                world.step("DELETE", "/_api/document/_users/" + key)


def missing_past(world, lines, names, name_of):
    """What is changed or dropped without having been created by a line before was there already."""
    created = set()
    for line in lines:
        key = holder(line)
        if line["type"] == STRUCTURE_CREATED:
            created.add(key)
        elif key and key not in created and key not in names:
            names[key] = world.create_collection(name_of(line) or f"collection-{len(names) + 1}")
    # A document that a line removes, but no line before stored.
    stored = set()
    for line in lines:
        data = line.get("data") or {}
        if line["type"] == STORED:
            stored.add((holder(line), data["_key"]))
        elif line["type"] == REMOVED and (holder(line), data["_key"]) not in stored:
            if holder(line) in names:
                world.store(names[holder(line)], [{"_key": data["_key"]}])


def replay_line(world, line, names, name_of):
    key, data = holder(line), line.get("data") or {}
    path = "/_api/document/" + names.get(key, "")
    if line["type"] == STRUCTURE_CREATED:
        name = name_of(line) or data.get("name")
        names[key] = world.create_collection(name, data.get("type", 2), waitForSync=data.get("waitForSync", False))
    elif line["type"] == STRUCTURE_DROPPED:
        world.step("DELETE", "/_api/collection/" + names[key])
    elif line["type"] == STORED:
        world.store(names[key], [{name: value for name, value in data.items() if name != "_id"}])
    elif line["type"] == REMOVED:
        world.step("DELETE", f"{path}/{data['_key']}")


def dump_rule(world, recording):
    name = recording.query.get("collection", "")
    if not name or recording.error_number == 1203:
        return
    real = world.create_collection(name)
    for line in recording.lines():
        data = line.get("data", line)
        if line.get("type", STORED) == REMOVED:
            world.store(real, [{"_key": data["_key"]}])
            world.step("DELETE", f"/_api/document/{real}/{data['_key']}")
        else:
            world.store(real, [{k: v for k, v in data.items() if k != "_id"}])


def ends_early(recording):
    """wal/tail says so even when nothing is left; logger-follow only when its chunk was full."""
    is_followed = recording.part(2) == "logger-follow"
    return is_followed and recording.headers.get("x-arango-replication-checkmore") == "true"
