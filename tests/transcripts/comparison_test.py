"""The comparison of transcripts can fail: each kind of difference that it must see, and each that it must not see."""

import json
import unittest

from comparison import Comparison, Differs
from recording import Recording
from server import Answer


def recording(body, method="GET", url="/_api/collection/products", status=200, headers=None):
    given = {"content-type": "application/json", **(headers or {})}
    return Recording({
        "name": "Any", "version": "3.9", "method": method, "url": url, "request_headers": {}, "request_body": "",
        "status": status, "headers": given, "body_text": body if isinstance(body, str) else json.dumps(body),
    })  # fmt: skip


def answer(body, status=200, headers=None):
    given = {"content-type": "application/json", **(headers or {})}
    return Answer(status, given.items(), body if isinstance(body, str) else json.dumps(body))


class ComparisonTest(unittest.TestCase):
    def equal(self, wanted, got):
        Comparison(wanted).check(got)

    def different(self, wanted, got, part_of_reason):
        with self.assertRaises(Differs) as caught:
            Comparison(wanted).check(got)
        self.assertIn(part_of_reason, str(caught.exception))

    def test_an_equal_answer_is_equal(self):
        body = {"error": False, "code": 200, "count": 3}
        self.equal(recording(body), answer(body))

    def test_another_status_is_seen(self):
        self.different(recording({}), answer({}, status=202), "status 202 instead of 200")

    def test_a_literal_value_counts(self):
        self.different(recording({"count": 3}), answer({"count": 4}), "body.count is 4 instead of 3")

    def test_a_type_counts(self):
        self.different(recording({"id": "12"}), answer({"id": 12}), "body.id")
        self.different(recording({"flag": True}), answer({"flag": 1}), "body.flag")

    def test_a_member_that_is_missing_or_too_much_is_seen(self):
        self.different(recording({"a": 1, "b": 2}), answer({"a": 1}), "body.b is missing")
        self.different(recording({"a": 1}), answer({"a": 1, "b": 2}), "body.b is too much")

    def test_ids_revisions_ticks_and_times_may_differ_but_not_in_form(self):
        wanted = {"id": "66939", "_rev": "_gjDBNDC--_", "tick": "180603", "time": "2023-09-01T15:01:21Z"}
        got = {"id": "10031", "_rev": "_lxYz123---", "tick": "17", "time": "2026-11-25T00:00:00Z"}
        self.equal(recording(wanted), answer(got))
        self.different(recording(wanted), answer({**got, "id": "products"}), "body.id")
        self.different(recording(wanted), answer({**got, "tick": "later"}), "body.tick")

    def test_one_thing_twice_must_stay_one_thing_twice(self):
        wanted = {"_id": "products/67583", "_key": "67583", "_rev": "_gjDBOPO--_"}
        self.equal(recording(wanted), answer({"_id": "products/7", "_key": "7", "_rev": "_gjDBOPO--A"}))
        self.different(recording(wanted), answer({"_id": "products/7", "_key": "8", "_rev": "_gjDBOPO--A"}), "_key")
        headers = {"etag": '"_gjDBOPO--_"'}
        self.different(recording(wanted, headers=headers),
                       answer({"_id": "products/7", "_key": "7", "_rev": "_gjDBOPO--A"},
                              headers={"etag": '"_gjDBOPO--B"'}), "_rev")  # fmt: skip

    def test_the_collection_of_a_handle_is_literal(self):
        self.different(recording({"_id": "products/1"}), answer({"_id": "orders/1"}), "body._id")

    def test_headers_that_matter_count_in_both_directions(self):
        headers = {"x-arango-error-codes": '{"1200":2}'}
        self.different(recording({}, headers=headers), answer({}), "x-arango-error-codes is missing")
        self.different(recording({}), answer({}, headers=headers), "x-arango-error-codes is too much")
        self.different(recording({}, headers=headers),
                       answer({}, headers={"x-arango-error-codes": '{"1200":1}'}), "x-arango-error-codes")  # fmt: skip
        old = {"content-type": "application/json; charset=utf-8"}
        self.different(recording({}, headers=old), answer({}), "content-type")
        self.equal(recording({}), answer({}, headers={"connection": "close"}))

    def test_a_location_names_the_recorded_path(self):
        path = "/_db/_system/_api/document/products/"
        self.equal(recording({}, headers={"location": path + "11"}), answer({}, headers={"location": path + "22"}))
        other = {"location": "/_api/document/products/22"}
        self.different(recording({}, headers={"location": path + "11"}), answer({}, headers=other), "location")

    def test_listings_have_no_order_but_answers_item_by_item_have(self):
        first, second = {"name": "a", "status": 3}, {"name": "b", "status": 3}
        self.equal(recording({"result": [first, second]}), answer({"result": [second, first]}))
        items = [{"error": True, "errorNum": 1200}, {"_key": "abc"}]
        self.different(recording(items, method="POST"), answer(items[::-1]), "body[0]")
        self.different(recording({"result": [first]}), answer({"result": [first, second]}), "2 elements instead of 1")

    def test_measured_numbers_are_free_but_must_be_numbers(self):
        self.equal(recording({"executionTime": 0.001}), answer({"executionTime": 0.1}))
        self.different(recording({"executionTime": 0.001}), answer({"executionTime": "0.1"}), "executionTime")

    def test_lines_of_a_log_are_compared_one_by_one(self):
        headers = {"content-type": "application/x-arango-dump"}
        lines = '{"tick":"5","type":2300}\n{"tick":"7","type":2302}\n'
        self.equal(recording(lines, headers=headers), answer('{"tick":"1","type":2300}\n{"tick":"2","type":2302}\n',
                                                             headers=headers))  # fmt: skip
        self.different(recording(lines, headers=headers), answer('{"tick":"1","type":2300}\n', headers=headers),
                       "1 lines instead of 2")  # fmt: skip

    def test_a_word_of_an_error_counts_but_not_the_ids_in_it(self):
        wanted = {"errorMessage": "no document 12345"}
        self.equal(recording(wanted), answer({"errorMessage": "no document 678"}))
        self.different(recording(wanted), answer({"errorMessage": "no such document 678"}), "errorMessage")


if __name__ == "__main__":
    unittest.main()
