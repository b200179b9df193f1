#!/usr/bin/env python3
"""The oracles of the process tests notice what they are there for."""

import unittest

import secrets_of
import testing
from compare import compare


class OneCollection:
    """What compare() asks of a cluster, for one collection with one document."""

    def __init__(self, value, properties=None):
        self.value, self.own = value, properties or {"numberOfShards": 1}

    def databases(self):
        return ["shop"]

    def collections(self, _):
        return [{"name": "things", "isSystem": False}]

    def properties(self, *_):
        return self.own

    def indexes(self, *_):
        return []

    def analyzers(self, _):
        return {}

    def views(self, _):
        return {}

    def documents(self, *_):
        return {"k": {"_id": f"things/{id(self)}", "_key": "k", "value": self.value}}


class Comparison(unittest.TestCase):
    def test_notices_what_python_takes_for_equal(self):
        for left, right in [(True, 1), (1, 1.0), (0.0, -0.0), ([False], [0]), ({"a": 2}, {"a": 2.0})]:
            self.assertFalse(compare(OneCollection(left), OneCollection(right)).equal, (left, right))
            self.assertTrue(compare(OneCollection(left), OneCollection(left)).equal, left)

    def test_takes_attributes_in_any_order(self):
        self.assertTrue(compare(OneCollection({"a": 1, "b": 2}), OneCollection({"b": 2, "a": 1})).equal)

    def test_notices_properties_of_another_type(self):
        self.assertFalse(compare(OneCollection(0, {"waitForSync": True}), OneCollection(0, {"waitForSync": 1})).equal)


class Secrets(unittest.TestCase):
    def test_are_noticed_and_not_repeated(self):
        found = secrets_of.leaks({"0123456789abcdef"}, "token 0123456789abcdef refused")
        self.assertEqual(found, ["0123…"])

    def test_of_any_issuer_are_noticed(self):
        token = secrets_of.superuser_token("secret")
        self.assertEqual(secrets_of.leaks(set(), f"Authorization: bearer {token}"), ["a signed token"])

    def test_of_keys_are_their_lines(self):
        pem = "-----BEGIN EC PRIVATE KEY-----\n" + "a" * 64 + "\nAQ==\n-----END EC PRIVATE KEY-----\n"
        self.assertEqual(secrets_of.key_lines(pem), {"a" * 64})
        self.assertEqual(secrets_of.leaks(secrets_of.key_lines(pem), "key=" + "a" * 64), ["aaaa…"])

    def test_are_collected_from_wherever_the_masters_keep_them(self):
        found = set()
        secrets_of.collect({"incoming": {"clientToken": "t1", "shards": [{"token": "t2", "state": "x"}]}}, found)
        self.assertEqual(found, {"t1", "t2"})


if __name__ == "__main__":
    testing.main()
