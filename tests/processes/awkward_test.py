#!/usr/bin/env python3
"""Real masters and workers replicate awkward data (awkward_items.py) from clusters that imitate several versions."""

import unittest

import awkward_items as items
import testing

EVERYWHERE = [items.Names, items.Numbers, items.Shapes, items.EmptyDatabase, items.ShardKeys, items.UniqueValues,
              items.Truncates, items.Recreated, items.Indexes]


class AwkwardData(unittest.TestCase):
    def replicate(self, version, kinds, target=None):
        numbers = tuple(int(n) for n in version.split(".")[:2])
        flags = ["--fault-controls"] + (["--extended-names"] if numbers >= (3, 9) else [])
        across = {"across_versions": target is not None}
        name = f"{version}-{target or version}"
        with testing.Pair(name, source={"version": version}, masters=1, workers=1, version=target or version,
                          cluster_flags=flags) as pair:
            chosen = [kind(numbers) for kind in kinds]
            for item in chosen:
                item.prepare(pair.api_a)
            pair.configure()
            early = [item for item in chosen if isinstance(item, items.Recreated)]
            for item in early:  # these are about the copy itself
                item.live(pair)
            pair.wait_running(60)
            pair.wait_equal(60, **across)
            for item in chosen:
                if item not in early:
                    item.live(pair)
            pair.wait_equal(60, **across)
            for item in chosen:
                with self.subTest(version=version, item=type(item).__name__):
                    item.check(self, pair)

    def test_3_3(self):
        self.replicate("3.3.25", EVERYWHERE + [items.NineShards])

    def test_3_3_to_3_12(self):
        self.replicate("3.3.25", [items.Names, items.ShardKeys, items.UniqueValues, items.NineShards, items.Recreated],
                       target="3.12.4")

    def test_3_9(self):
        self.replicate("3.9.12", EVERYWHERE + [items.NineShards, items.Satellite, items.SameRevision,
                                             items.LargeDocument])

    def test_3_12(self):
        self.replicate("3.12.4", EVERYWHERE + [items.Satellite, items.SameRevision, items.ManyCollections])


if __name__ == "__main__":
    testing.main()
