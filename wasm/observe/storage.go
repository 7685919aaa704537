//go:build js && wasm

package observe

import (
	"errors"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var storageFacts = []facts.Declared{
	facts.LocalStorage, facts.SessionStorage, facts.IndexedDB, facts.CacheAPI, facts.StorageLostOnLoad,
}

func storageObserver() observer {
	return observer{
		name:  "storage",
		limit: storageLimit + loadLimit + wiping + time.Second,
		keys:  storageFacts,
		run:   observeStorage,
	}
}

// storageLimit is how long one kind of storage may take: a database's first file
// takes a busy machine seconds. Some never answer: a damaged profile, or a
// browser's own fault.
const storageLimit = 5 * time.Second

// store is one kind of storage of the page's origin, into which a mark of ours is
// written under a name of its own.
type store interface {
	write(ctx context.Context, name string) error
	holds(ctx context.Context, name string) (bool, error)
	remove(name string)
}

// kind is a store, its fact, and its name in the list of those that lose what
// they keep.
type kind struct {
	store
	key   facts.StringKey
	token string
}

// observeStorage writes into each kind of storage, and looks whether the marks
// are still there when another page of this origin was loaded.
func observeStorage(ctx context.Context, b *browser, set *facts.Set) {
	const from = "storage"
	if b.isOpaque() || b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, storageFacts...)
		return
	}
	name := "checkout-doctor-" + RandomID()
	kinds := b.kinds(set, from)
	keeps := make([]bool, len(kinds))
	var asked []func()
	for i, k := range kinds {
		defer k.remove(name)
		asked = append(asked, func() {
			a := k.keeps(ctx, name)
			a.put(set, from)
			keeps[i] = a.said == "kept"
		})
	}
	b.beside(asked...)
	var kept []kind
	for i, k := range kinds {
		if keeps[i] {
			kept = append(kept, k)
		}
	}
	b.observeLoad(ctx, set, kept, name, from)
}

// attempt is what became of a write.
type attempt struct {
	kind kind
	said string
	err  error
}

// put puts the fact. Why a run that ended does not know it is for the run to say.
func (a attempt) put(set *facts.Set, from string) {
	switch {
	case errors.Is(a.err, context.Canceled):
	case errors.Is(a.err, context.DeadlineExceeded):
		unknown(set, facts.ReasonTimedOut, from, a.kind.key)
	default:
		set.PutString(a.kind.key, a.said, from)
	}
}

// kinds lists what there is. Cache Storage is for secure contexts only.
func (b *browser) kinds(set *facts.Set, from string) []kind {
	mark := randomText(markSize)
	all := []kind{
		{&webStorage{b, "localStorage", mark[:webMarkSize]}, facts.LocalStorage, "local"},
		{&webStorage{b, "sessionStorage", mark[:webMarkSize]}, facts.SessionStorage, "session"},
		{&database{b, mark}, facts.IndexedDB, "indexed-db"},
		{&cacheStorage{b, mark}, facts.CacheAPI, "cache-api"},
	}
	if secure, ok := boolean(b.window, "isSecureContext"); ok && !secure {
		notApplicable(set, facts.ReasonUnsupported, from, facts.CacheAPI)
		return all[:3]
	}
	return all
}

// keeps writes the mark and reads it back.
func (k kind) keeps(ctx context.Context, name string) attempt {
	ctx, cancel := context.WithTimeout(ctx, storageLimit)
	defer cancel()
	err := k.write(ctx, name)
	holds := false
	if err == nil {
		holds, err = k.holds(ctx, name)
	}
	said := "lost"
	switch {
	case err != nil:
		said = failure(err)
	case holds:
		said = "kept"
	}
	return attempt{k, said, err}
}

// errNoStorage says that the browser hides a kind of storage: some that are told
// to keep nothing do so.
var errNoStorage = errors.New("there is no such storage")

// failure words the error of a write, by the name of what was thrown. Chromium's
// database calls it an UnknownError that the user denied it.
func failure(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	switch {
	case name == "QuotaExceededError", name == "NS_ERROR_DOM_QUOTA_REACHED": // the latter in Firefox
		return "full"
	case name == "SecurityError", errors.Is(err, errNoStorage), strings.Contains(err.Error(), "denied permission"):
		return "refused"
	}
	return "threw"
}

// try calls the method within a promise, and waits for what it returns: only what
// a promise is rejected with has a name. What nobody would wait for is not begun.
func (b *browser) try(ctx context.Context, v safejs.Value, method string, args ...any) (safejs.Value, error) {
	if err := ctx.Err(); err != nil {
		return safejs.Undefined(), err
	}
	fn, err := Get(v, method)
	if err != nil {
		return fn, err
	}
	bound, err := Call(fn, "bind", append([]any{v}, args...)...)
	if err != nil {
		return bound, err
	}
	constructor, _ := at(safejs.Global(), "Promise")
	start, err := Call(constructor, "resolve")
	if err != nil {
		return start, err
	}
	promise, err := Call(start, "then", bound)
	if err != nil {
		return promise, err
	}
	return b.await(ctx, promise)
}

// ask calls a method of one of the window's kinds of storage. Where storage is
// refused, the window's getter itself throws.
func (b *browser) ask(ctx context.Context, property, method string, args ...any) (safejs.Value, error) {
	area, err := b.try(ctx, reflection, "get", b.window, property)
	if err != nil {
		return area, err
	}
	if area.Type() != safejs.TypeObject {
		return area, errNoStorage
	}
	return b.try(ctx, area, method, args...)
}

// discard calls a method that removes what we left. Whether it can is past
// caring: nobody is left to tell.
func (b *browser) discard(property, method, name string) {
	area, _ := at(b.window, property)
	_, _ = Call(area, method, name)
}

// Sizes of the marks, in characters. They are random, so that none is packed.
const (
	// markSize is more than the quota of a browser that is to keep nothing.
	markSize = 1 << 14
	// webMarkSize is enough to notice a store that is full but for a few bytes.
	webMarkSize = 1 << 10
)

// webStorage is localStorage or sessionStorage.
type webStorage struct {
	*browser
	property, mark string
}

func (s *webStorage) write(ctx context.Context, name string) error {
	_, err := s.ask(ctx, s.property, "setItem", name, s.mark)
	return err
}

func (s *webStorage) holds(ctx context.Context, name string) (bool, error) {
	item, err := s.ask(ctx, s.property, "getItem", name)
	return textOr(item, "") == s.mark, err
}

func (s *webStorage) remove(name string) { s.discard(s.property, "removeItem", name) }

// database is IndexedDB, with a database for the mark alone.
type database struct {
	*browser
	mark string
}

// table names the object store and the mark in it.
const table = "mark"

func (d *database) write(ctx context.Context, name string) error {
	_, err := d.transact(ctx, name, "put", d.mark, table)
	return err
}

func (d *database) holds(ctx context.Context, name string) (bool, error) {
	value, err := d.transact(ctx, name, "get", table)
	return textOr(value, "") == d.mark, err
}

// remove deletes the database. Where it is still being opened, the browser does so
// when it was opened, and closed again.
func (d *database) remove(name string) { d.discard("indexedDB", "deleteDatabase", name) }

// transact opens the database, which makes one that is not there, and calls the
// object store's method in a transaction of its own.
func (d *database) transact(ctx context.Context, name, method string, args ...any) (safejs.Value, error) {
	db, err := d.open(ctx, name)
	if err != nil {
		return db, err
	}
	// An open connection would keep the database from being deleted.
	defer func() { _, _ = Call(db, "close") }()
	transaction, err := Call(db, "transaction", table, "readwrite")
	if err != nil {
		return transaction, err
	}
	objects, err := Call(transaction, "objectStore", table)
	if err != nil {
		return objects, err
	}
	request, err := Call(objects, method, args...)
	if err != nil {
		return request, err
	}
	// A quota is looked at when all is written, and not before.
	if err := d.succeed(ctx, transaction, "complete", "abort"); err != nil {
		return request, err
	}
	return Get(request, "result")
}

func (d *database) open(ctx context.Context, name string) (safejs.Value, error) {
	request, err := d.ask(ctx, "indexedDB", "open", name)
	if err != nil {
		return request, err
	}
	stop, err := d.listen(request, "upgradeneeded", func(safejs.Value) {
		db, _ := at(request, "result")
		_, _ = Call(db, "createObjectStore", table)
	})
	if err != nil {
		return request, err
	}
	defer stop()
	late, forget := false, func() {}
	closeIt := func() {
		db, _ := at(request, "result")
		_, _ = Call(db, "close")
	}
	// It stays where nobody waits any more: what is opened then must be closed too.
	forget, err = d.listen(request, "success", func(safejs.Value) {
		if late {
			closeIt()
			forget()
		}
	})
	if err != nil {
		return request, err
	}
	if err := d.succeed(ctx, request, "success", "error"); err != nil && ctx.Err() != nil {
		late = true
		closeIt()
		return request, err
	} else if forget(); err != nil {
		return request, err
	}
	return Get(request, "result")
}

// succeed waits for the good event, or returns the error of a target that had
// the bad one.
func (b *browser) succeed(ctx context.Context, target safejs.Value, good, bad string) error {
	event, err := b.first(ctx, target, good, bad)
	if err == nil && event == bad {
		why, _ := at(target, "error")
		err = rejection(why)
	}
	return err
}

// cacheStorage is the Cache API, with a cache for the mark alone.
type cacheStorage struct {
	*browser
	mark string
}

func (c *cacheStorage) write(ctx context.Context, name string) error {
	cache, err := c.ask(ctx, "caches", "open", name)
	if err != nil {
		return err
	}
	constructor, _ := at(c.window, "Response")
	mark, err := constructor.New(c.mark)
	if err != nil {
		return err
	}
	_, err = c.try(ctx, cache, "put", "/"+name, mark)
	return err
}

func (c *cacheStorage) holds(ctx context.Context, name string) (bool, error) {
	found, err := c.ask(ctx, "caches", "match", "/"+name, map[string]any{"cacheName": name})
	return found.Type() == safejs.TypeObject, err
}

func (c *cacheStorage) remove(name string) { c.discard("caches", "delete", name) }
