#!/usr/bin/env python3
"""Real masters and workers replicate awkward data (awkward_items.py) from clusters that imitate several versions, by
each route that is open there. All items of a combination share one pair of datacenters.

The combinations that are no more than another version of one above run with ARANGOSYNC_AWKWARD=all only."""

import os
import unittest

import awkward_items as items
import testing

LIGHT = [items.Names, items.Numbers, items.Shapes, items.EmptyDatabase, items.NineShards, items.ShardKeys,
         items.Satellite, items.SameRevision, items.UniqueValues, items.Truncates, items.Recreated, items.Indexes,
         items.SmartGraph, items.VectorIndexes, items.Users, items.Service]
HEAVY = [items.LargeDocument, items.ManyCollections]
# A target's own defaults differ from the source's: only what is the user's is looked at.
ACROSS = [items.Names, items.ShardKeys, items.UniqueValues, items.NineShards, items.Recreated, items.SmartGraph]
ROUTES = {  # what makes a DB-Server be read by it
    "direct": {},
    "coordinator": {"cluster_flags": ["--hide-dbservers"]},
    "compare": {"cluster_flags": ["--hide-dbservers"]},
}


def release_of(version):
    return tuple(int(n) for n in version.split(".")[:2])


class AwkwardData(unittest.TestCase):
    def replicate(self, version, route="direct", kinds=None, target=None):
        release = release_of(version)
        flags = ["--fault-controls"] + (["--extended-names"] if release >= (3, 9) else [])
        source = {"version": version, **ROUTES[route]}
        source["cluster_flags"] = flags + source.get("cluster_flags", [])
        how = {"across_versions": target is not None}
        patience = 240 if route == "compare" else 120  # rounds that find nothing come every two minutes in the end
        name = self.id().rsplit("test_")[-1]
        with testing.Pair(name, source=source, masters=1, workers=1, version=target or version,
                          cluster_flags=flags) as pair:
            chosen = [kind(release) for kind in kinds or LIGHT if kind.since_version <= release]
            for item in chosen:
                item.prepare(pair.api_a)
            pair.configure()
            early = [item for item in chosen if isinstance(item, items.Recreated)]
            for item in early:  # these are about the copy itself
                item.live(pair)
            pair.wait_running(240)
            if not any(item.is_heavy for item in chosen):  # to compare a thousand collections takes its time
                pair.wait_equal(patience, **how)
            self.assertEqual(set(pair.routes().values()), {route})
            for item in chosen:
                if item not in early:
                    item.live(pair)
            pair.wait_equal(patience, **how)
            for item in chosen:
                with self.subTest(version=version, route=route, item=type(item).__name__):
                    item.check(self, pair)


def combination(version, route="direct", kinds=None, target=None, only_in_full=False):
    versions = [version] + (["to", target] if target else [])
    name = "test_" + "_".join([*versions, route]).replace(".", "_")
    if kinds is HEAVY:
        name += "_heavy"

    def test(self):
        if only_in_full and os.environ.get("ARANGOSYNC_AWKWARD") != "all":
            self.skipTest("with ARANGOSYNC_AWKWARD=all only")
        self.replicate(version, route, kinds, target)

    setattr(AwkwardData, name, test)


combination("3.3.25")
combination("3.3.25", kinds=ACROSS, target="3.12.4")
combination("3.9.12", "coordinator")
combination("3.12.4")
combination("3.12.10", "compare")
combination("3.12.4", "coordinator", kinds=HEAVY)
combination("3.3.25", kinds=HEAVY, only_in_full=True)
combination("3.7.18", only_in_full=True)
combination("3.9.12", only_in_full=True)
combination("3.9.12", kinds=HEAVY, only_in_full=True)
combination("3.11.14", only_in_full=True)
combination("3.11.14", "coordinator", only_in_full=True)
combination("3.12.4", kinds=HEAVY, only_in_full=True)
combination("3.12.4", "coordinator", only_in_full=True)
combination("3.12.10", only_in_full=True)
combination("3.12.10", "compare", kinds=HEAVY, only_in_full=True)


if __name__ == "__main__":
    testing.main()
