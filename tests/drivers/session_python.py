"""A day's work with python-arango. Every assertion is something that a user of the driver relies on."""

import os

from arango import ArangoClient
from arango.exceptions import DocumentInsertError, DocumentRevisionError

client = ArangoClient(hosts=os.environ["SANDBOX_URL"])
password = os.environ["SANDBOX_PASSWORD"]

system = client.db("_system", username="root", password=password, verify=True)
assert system.version().startswith("3.")
assert system.create_database("shop", users=[{"username": "clerk", "password": "clerks", "active": True}])
assert sorted(system.databases()) == ["_system", "shop"]
assert system.has_database("shop")

shop = client.db("shop", username="root", password=password, auth_method="jwt", verify=True)
products = shop.create_collection("products", sync=True)
links = shop.create_collection("links", edge=True)
assert shop.has_collection("products") and not shop.has_collection("orders")
assert links.properties()["edge"] and products.properties()["sync"]

index = products.add_index({"type": "persistent", "fields": ["sku"], "unique": True, "name": "by_sku"})
assert index["isNewlyCreated"] and index["unique"] and index["name"] == "by_sku"
assert {each["type"] for each in products.indexes()} == {"primary", "persistent"}

first = products.insert({"_key": "p0", "sku": 0, "name": "flux compensator"}, return_new=True)
assert first["new"]["name"] == "flux compensator" and first["_key"] == "p0"
loaded = products.insert_many([{"_key": f"p{i}", "sku": i} for i in range(1, 1000)])
assert len(loaded) == 999 and all("_rev" in each for each in loaded)
assert products.count() == 1000
try:
    products.insert({"sku": 7})
    raise AssertionError("a second document with a unique value")
except DocumentInsertError as refused:
    assert refused.error_code == 1210 and refused.http_code == 409
partly = products.insert_many([{"sku": 7}, {"sku": 2000}], raise_on_document_error=False)
assert isinstance(partly[0], DocumentInsertError) and partly[1]["_key"]

assert products.get("p5")["sku"] == 5 and products.get("nothing") is None
assert products.has("p5") and "nothing" not in products
assert [each["sku"] for each in products.get_many(["p1", "p2"])] == [1, 2]
updated = products.update({"_key": "p5", "tags": ["a", "b"], "maker": {"name": "x", "country": "y"}})
products.update({"_key": "p5", "maker": {"country": "z"}})
assert products.get("p5")["maker"] == {"name": "x", "country": "z"}
try:
    products.replace({"_key": "p5", "_rev": updated["_rev"], "sku": 5}, check_rev=True)
    raise AssertionError("a stale revision was taken")
except DocumentRevisionError as refused:
    assert refused.http_code == 412
products.replace({"_key": "p5", "sku": 5})
assert set(products.get("p5")) == {"_key", "_id", "_rev", "sku"}

everything = list(shop.aql.execute("FOR d IN products RETURN d", batch_size=100, count=True))
assert len(everything) == 1001
assert len(list(products.all())) == 1001 and len(list(products.all(skip=1, limit=10))) == 10
assert [each["_key"] for each in products.find({"sku": 12})] == ["p12"]
cheap = shop.aql.execute("FOR d IN @@c FILTER d.sku < @most SORT d.sku DESC RETURN d._key",
                         bind_vars={"@c": "products", "most": 3})  # fmt: skip
assert list(cheap) == ["p2", "p1", "p0"]

links.insert({"_from": "products/p1", "_to": "products/p2"})
assert [each["_to"] for each in links.all()] == ["products/p2"]
assert products.delete("p0")["_key"] == "p0" and not products.delete("p0", ignore_missing=True)
assert len(products.delete_many([{"_key": "p1"}, {"_key": "p2"}])) == 2
imported = products.import_bulk([{"_key": "p3", "sku": 3}, {"_key": "new", "sku": 5000}], on_duplicate="ignore")
assert imported["created"] == 1 and imported["ignored"] == 1

assert system.create_user("visitor", "visitors", active=True)["username"] == "visitor"
assert system.update_permission("visitor", "ro", "shop") and system.permission("visitor", "shop") == "ro"
as_visitor = client.db("shop", username="visitor", password="visitors", verify=True)
assert as_visitor.collection("products").get("p3")["sku"] == 3
try:
    as_visitor.collection("products").insert({"sku": 6000})
    raise AssertionError("a reader wrote")
except DocumentInsertError as refused:
    assert refused.http_code == 403 and refused.error_code in (11, 1004)
assert system.delete_user("visitor") and not system.has_user("visitor")

assert products.truncate() and products.count() == 0
assert shop.delete_collection("products") and system.delete_database("shop")
print("python-arango: all as expected")
