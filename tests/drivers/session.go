// A day's work with the Go driver. Every check is something that a user of the driver relies on.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	driver "github.com/arangodb/go-driver"
	"github.com/arangodb/go-driver/http"
)

func must(err error) {
	if err != nil {
		_, _, line, _ := runtime.Caller(1)
		fmt.Fprintf(os.Stderr, "go-driver: line %d: %v\n", line, err)
		os.Exit(1)
	}
}

func check(ok bool, what string) {
	if !ok {
		_, _, line, _ := runtime.Caller(1)
		fmt.Fprintf(os.Stderr, "go-driver: line %d: not so: %s\n", line, what)
		os.Exit(1)
	}
}

func clientOf(user, password string, jwt bool) driver.Client {
	connection, err := http.NewConnection(http.ConnectionConfig{Endpoints: []string{os.Getenv("SANDBOX_URL")}})
	must(err)
	credentials := driver.BasicAuthentication(user, password)
	if jwt {
		credentials = driver.JWTAuthentication(user, password)
	}
	client, err := driver.NewClient(driver.ClientConfig{Connection: connection, Authentication: credentials})
	must(err)
	return client
}

type product struct {
	Key  string `json:"_key,omitempty"`
	SKU  int    `json:"sku"`
	Name string `json:"name,omitempty"`
}

type link struct {
	From string `json:"_from"`
	To   string `json:"_to"`
}

// The client of an operator, with the database it has just made.
type day struct {
	ctx      context.Context
	client   driver.Client
	shop     driver.Database
	products driver.Collection
	links    driver.Collection
}

func begin(ctx context.Context) day {
	active := true
	client := clientOf("root", os.Getenv("SANDBOX_PASSWORD"), true)
	version, err := client.Version(ctx)
	must(err)
	check(version.Version.Major() == 3, "version 3")
	shop, err := client.CreateDatabase(ctx, "shop", &driver.CreateDatabaseOptions{
		Users: []driver.CreateDatabaseUserOptions{{UserName: "clerk", Password: "clerks", Active: &active}}})
	must(err)
	exists, err := client.DatabaseExists(ctx, "shop")
	must(err)
	check(exists, "the database exists")

	products, err := shop.CreateCollection(ctx, "products", &driver.CreateCollectionOptions{WaitForSync: true})
	must(err)
	links, err := shop.CreateCollection(ctx, "links", &driver.CreateCollectionOptions{Type: driver.CollectionTypeEdge})
	must(err)
	properties, err := products.Properties(ctx)
	must(err)
	check(properties.WaitForSync, "waitForSync")
	_, isNew, err := products.EnsurePersistentIndex(ctx, []string{"sku"},
		&driver.EnsurePersistentIndexOptions{Unique: true, Name: "by_sku"})
	must(err)
	check(isNew, "the index is new")
	return day{ctx, client, shop, products, links}
}

func (d day) inserts() {
	_, err := d.products.CreateDocument(d.ctx, product{Key: "p0", Name: "flux compensator"})
	must(err)
	many := []product{}
	for i := 1; i < 1000; i++ {
		many = append(many, product{Key: fmt.Sprintf("p%d", i), SKU: i})
	}
	metas, problems, err := d.products.CreateDocuments(d.ctx, many)
	must(err)
	must(problems.FirstNonNil())
	check(len(metas) == 999, "999 documents")
	count, err := d.products.Count(d.ctx)
	must(err)
	check(count == 1000, "1000 documents")
	_, err = d.products.CreateDocument(d.ctx, product{SKU: 7})
	check(driver.IsConflict(err), "a unique value is refused")
}

func (d day) readsAndReplaces() {
	var found product
	_, err := d.products.ReadDocument(d.ctx, "p5", &found)
	must(err)
	check(found.SKU == 5, "p5 is read")
	_, err = d.products.ReadDocument(d.ctx, "nothing", &found)
	check(driver.IsNotFoundGeneral(err), "nothing is not found")
	before, err := d.products.UpdateDocument(d.ctx, "p5", map[string]any{"name": "five"})
	must(err)
	_, err = d.products.UpdateDocument(d.ctx, "p5", map[string]any{"name": "cinq"})
	must(err)
	_, err = d.products.ReplaceDocument(driver.WithRevision(d.ctx, before.Rev), "p5", product{SKU: 5})
	check(driver.IsPreconditionFailed(err), "a stale revision is refused")
	_, err = d.products.ReplaceDocument(d.ctx, "p5", product{SKU: 5})
	must(err)
}

func (d day) queries() {
	cursor, err := d.shop.Query(driver.WithQueryBatchSize(driver.WithQueryCount(d.ctx), 100),
		"FOR d IN @@c RETURN d", map[string]any{"@c": "products"})
	must(err)
	check(cursor.Count() == 1000, "the query counts 1000")
	var found product
	seen := 0
	for cursor.HasMore() {
		_, err = cursor.ReadDocument(d.ctx, &found)
		must(err)
		seen++
	}
	check(seen == 1000, "the query finds 1000")
	must(cursor.Close())
}

func (d day) linksAndRemoves() {
	_, err := d.links.CreateDocument(d.ctx, link{From: "products/p1", To: "products/p2"})
	must(err)
	_, err = d.products.RemoveDocument(d.ctx, "p0")
	must(err)
	_, _, err = d.products.RemoveDocuments(d.ctx, []string{"p1", "p2"})
	must(err)
}

func (d day) letsVisitorsReadOnly() {
	active := true
	visitor, err := d.client.CreateUser(d.ctx, "visitor", &driver.UserOptions{Password: "visitors", Active: &active})
	must(err)
	must(visitor.SetDatabaseAccess(d.ctx, d.shop, driver.GrantReadOnly))
	access, err := visitor.GetDatabaseAccess(d.ctx, d.shop)
	must(err)
	check(access == driver.GrantReadOnly, "the visitor may read")
	theirs, err := clientOf("visitor", "visitors", false).Database(d.ctx, "shop")
	must(err)
	products, err := theirs.Collection(d.ctx, "products")
	must(err)
	var found product
	_, err = products.ReadDocument(d.ctx, "p3", &found)
	must(err)
	_, err = products.CreateDocument(d.ctx, product{SKU: 6000})
	check(driver.IsForbidden(err), "the visitor may not write")
	must(visitor.Remove(d.ctx))
}

func (d day) end() {
	must(d.products.Truncate(d.ctx))
	must(d.products.Remove(d.ctx))
	must(d.shop.Remove(d.ctx))
}

func main() {
	d := begin(context.Background())
	d.inserts()
	d.readsAndReplaces()
	d.queries()
	d.linksAndRemoves()
	d.letsVisitorsReadOnly()
	d.end()
	fmt.Println("go-driver: all as expected")
}
