// A day's work with arangojs. Every assertion is something that a user of the driver relies on.
import assert from "node:assert/strict";
import { Database, aql } from "arangojs";

const url = process.env.SANDBOX_URL;
const password = process.env.SANDBOX_PASSWORD;

async function refused(work, status, number) {
  const problem = await work.then(() => null, (error) => error);
  assert.ok(problem, "was not refused");
  assert.equal(problem.code ?? problem.response?.status, status);
  assert.equal(problem.errorNum, number);
}

const system = new Database({ url, auth: { username: "root", password } });
assert.match((await system.version()).version, /^3\./);
const shop = await system.createDatabase("shop", { users: [{ username: "clerk", passwd: "clerks" }] });
assert.deepEqual((await system.listDatabases()).sort(), ["_system", "shop"]);
assert.ok(await shop.exists());
await shop.login("root", password);

const products = await shop.createCollection("products", { waitForSync: true });
const links = await shop.createEdgeCollection("links");
assert.ok(await products.exists());
assert.ok(!(await shop.collection("orders").exists()));
assert.deepEqual((await shop.collections()).map((each) => each.name).sort(), ["links", "products"]);
assert.equal((await products.properties()).waitForSync, true);

const index = await products.ensureIndex({ type: "persistent", fields: ["sku"], unique: true, name: "by_sku" });
assert.equal(index.isNewlyCreated, true);
assert.deepEqual((await products.indexes()).map((each) => each.type), ["primary", "persistent"]);

const first = await products.save({ _key: "p0", sku: 0, name: "flux compensator" }, { returnNew: true });
assert.equal(first.new.name, "flux compensator");
const loaded = await products.saveAll(Array.from({ length: 999 }, (_, i) => ({ _key: `p${i + 1}`, sku: i + 1 })));
assert.equal(loaded.length, 999);
assert.equal((await products.count()).count, 1000);
await refused(products.save({ sku: 7 }), 409, 1210);
const partly = await products.saveAll([{ sku: 7 }, { sku: 2000 }]);
assert.equal(partly[0].errorNum, 1210);
assert.ok(partly[1]._key);

assert.equal((await products.document("p5")).sku, 5);
assert.equal(await products.document("nothing", { graceful: true }), null);
await refused(products.document("nothing"), 404, 1202);
assert.ok(await products.documentExists("p5"));
assert.deepEqual((await products.documents(["p1", "p2"])).map((each) => each.sku), [1, 2]);
const updated = await products.update("p5", { maker: { name: "x", country: "y" } });
await products.update("p5", { maker: { country: "z" } });
assert.deepEqual((await products.document("p5")).maker, { name: "x", country: "z" });
await refused(products.replace("p5", { sku: 5 }, { ifMatch: updated._rev }), 412, 1200);
await products.replace("p5", { sku: 5 });
assert.equal((await products.document("p5")).maker, undefined);

const cursor = await shop.query(aql`FOR d IN ${products} RETURN d`, { batchSize: 100, count: true });
assert.equal(cursor.count, 1001);
assert.equal((await cursor.all()).length, 1001);
const cheap = await shop.query(aql`FOR d IN ${products} FILTER d.sku < ${3} SORT d.sku DESC RETURN d._key`);
assert.deepEqual(await cheap.all(), ["p2", "p1", "p0"]);

await links.save({ _from: "products/p1", _to: "products/p2" });
const edges = await (await shop.query(aql`FOR e IN ${links} RETURN e`)).all();
assert.equal(edges[0]._to, "products/p2");
assert.equal((await products.remove("p0", { returnOld: true })).old.sku, 0);
await products.removeAll(["p1", "p2"]);
const imported = await products.import([{ _key: "p3", sku: 3 }, { _key: "new", sku: 5000 }], { onDuplicate: "ignore" });
assert.equal(imported.created, 1);
assert.equal(imported.ignored, 1);

await system.createUser("visitor", { passwd: "visitors" });
await system.setUserAccessLevel("visitor", { database: "shop" }, "ro");
assert.equal(await system.getUserAccessLevel("visitor", { database: "shop" }), "ro");
const visitor = new Database({ url, databaseName: "shop", auth: { username: "visitor", password: "visitors" } });
assert.equal((await visitor.collection("products").document("p3")).sku, 3);
const denied = await visitor.collection("products").save({ sku: 6000 }).then(() => null, (error) => error);
assert.equal(denied.code, 403);
await system.removeUser("visitor");

await products.truncate();
assert.equal((await products.count()).count, 0);
await products.drop();
await system.dropDatabase("shop");
console.log("arangojs: all as expected");
