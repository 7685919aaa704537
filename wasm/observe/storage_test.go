//go:build js && wasm

package observe

import (
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// keeper is a window with every kind of storage, as plain objects. Whatever is
// kept is in window.kept, by kind.
const keeper = `(() => {
	const kept = {localStorage: {}, sessionStorage: {}, indexedDB: {}, caches: {}};
	const web = (items) => ({
		setItem(name, value) { items[name] = value },
		getItem: (name) => items[name] ?? null,
		removeItem(name) { delete items[name] },
	});
	const fire = (target, type) => setTimeout(() => target.dispatchEvent(new Event(type)));
	const indexedDB = {
		refusal: undefined, never: false,
		open(name) {
			const request = new EventTarget();
			if (this.never) return request;
			const stores = kept.indexedDB[name];
			request.result = {
				close() {}, createObjectStore(store) { kept.indexedDB[name] = {[store]: {}} },
				transaction: (store) => {
					const transaction = new EventTarget();
					const objects = kept.indexedDB[name][store];
					transaction.error = indexedDB.refusal;
					transaction.objectStore = () => ({
						put(value, key) { if (!transaction.error) objects[key] = value; return {} },
						get: (key) => ({result: objects[key]}),
					});
					fire(transaction, transaction.error ? "abort" : "complete");
					return transaction;
				},
			};
			if (!stores) fire(request, "upgradeneeded");
			fire(request, "success");
			return request;
		},
		deleteDatabase(name) { delete kept.indexedDB[name] },
	};
	const caches = {
		async open(name) {
			const entries = kept.caches[name] ??= {};
			return {async put(url, response) { entries[url] = response }};
		},
		match: async (url, {cacheName}) => kept.caches[cacheName]?.[url],
		async delete(name) { delete kept.caches[name] },
	};
	return {
		kept, indexedDB, caches, Response, isSecureContext: true, location: {origin: "https://pay.test"},
		localStorage: web(kept.localStorage), sessionStorage: web(kept.sessionStorage),
		get left() { return Object.values(kept).flatMap((kind) => Object.keys(kind)) },
	};
})()`

// storing gives the page that window, changed by a script that calls it w.
func storing(t *testing.T, b *browser, change string) {
	t.Helper()
	b.window = script(t, `(() => { const w = `+keeper+`;`+change+`; return w })()`)
	b.document = script(t, `({})`)
}

func TestWhatBecomesOfAWrite(t *testing.T) {
	const quota, security = `new DOMException("no", "QuotaExceededError")`, `new DOMException("no", "SecurityError")`
	throws := func(what string) string { return `{ throw ` + what + ` }` }
	getter := func(property, what string) string {
		return `Object.defineProperty(w, "` + property + `", {get() ` + throws(what) + `})`
	}
	tests := map[string]struct {
		change string
		key    facts.StringKey
		want   facts.Entry
	}{
		"kept: local":      {``, facts.LocalStorage, said("kept")},
		"kept: session":    {``, facts.SessionStorage, said("kept")},
		"kept: database":   {``, facts.IndexedDB, said("kept")},
		"kept: cache":      {``, facts.CacheAPI, said("kept")},
		"full: local":      {`w.localStorage.setItem = () => ` + throws(quota), facts.LocalStorage, said("full")},
		"full: session":    {`w.sessionStorage.setItem = () => ` + throws(quota), facts.SessionStorage, said("full")},
		"full: database":   {`w.indexedDB.refusal = ` + quota, facts.IndexedDB, said("full")},
		"full: cache":      {`w.caches.open = async () => ({async put() ` + throws(quota) + `})`, facts.CacheAPI, said("full")},
		"full: old names":  {`w.localStorage.setItem = () => ` + throws(`new DOMException("no", "NS_ERROR_DOM_QUOTA_REACHED")`), facts.LocalStorage, said("full")},
		"refused: local":   {getter("localStorage", security), facts.LocalStorage, said("refused")},
		"refused: session": {getter("sessionStorage", security), facts.SessionStorage, said("refused")},
		"refused: database": {`w.indexedDB.open = () => ` + throws(security), facts.IndexedDB,
			said("refused")},
		"refused: cache": {`w.caches.open = async () => ` + throws(security), facts.CacheAPI, said("refused")},
		"refused: database of a user's": {`w.indexedDB.refusal = new DOMException("The user denied permission to access the database.", "UnknownError")`,
			facts.IndexedDB, said("refused")},
		"missing: local":   {`w.localStorage = null`, facts.LocalStorage, said("refused")},
		"missing: cache":   {`delete w.caches`, facts.CacheAPI, said("refused")},
		"threw: local":     {getter("localStorage", `new Error("blocked")`), facts.LocalStorage, said("threw")},
		"threw: database":  {getter("indexedDB", `new TypeError("blocked")`), facts.IndexedDB, said("threw")},
		"threw: cache":     {`w.caches.open = () => ` + throws(`new Error("blocked")`), facts.CacheAPI, said("threw")},
		"threw: nothing":   {`w.localStorage.setItem = () => ` + throws(`null`), facts.LocalStorage, said("threw")},
		"threw: no method": {`w.indexedDB = {}`, facts.IndexedDB, said("threw")},
		"lost: local":      {`w.localStorage.setItem = () => {}`, facts.LocalStorage, said("lost")},
		"lost: session":    {`w.sessionStorage.getItem = () => null`, facts.SessionStorage, said("lost")},
		"lost: database":   {`w.kept.indexedDB = new Proxy({}, {get: () => ({mark: Object.freeze({})})})`, facts.IndexedDB, said("lost")},
		"lost: cache":      {`w.caches.match = async () => undefined`, facts.CacheAPI, said("lost")},
		"no secure context": {`w.isSecureContext = false; delete w.caches`, facts.CacheAPI,
			facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonUnsupported}},
		"no origin": {`w.origin = "null"`, facts.LocalStorage, facts.Entry{Reason: facts.ReasonOtherOrigin}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			storing(t, b, tt.change)
			var set facts.Set
			observeStorage(t.Context(), b, &set)
			tt.want.From = "storage"
			assert.Equal(t, tt.want, set.Entry(tt.key))
			assert.Empty(t, texts(b.window, "left"), "nothing may be left")
			assert.Empty(t, b.handlers)
		})
	}
}

// said is the entry of a fact that is a word.
func said(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word} }

func TestStorageThatIsFullButForAFewBytes(t *testing.T) {
	b := looking(t)
	storing(t, b, `
		const small = (value) => { if (value.length > 1000) throw new DOMException("no", "QuotaExceededError") };
		const {setItem} = w.localStorage;
		w.localStorage.setItem = (name, value) => { small(value); setItem(name, value) };
		w.caches.open = async () => ({put: async (url, response) => small(await response.text())})`)
	var set facts.Set
	observeStorage(t.Context(), b, &set)
	assert.True(t, set.Equals(facts.LocalStorage, "full"))
	assert.True(t, set.Equals(facts.CacheAPI, "full"))
}

func TestADatabaseThatNeverAnswersLosesOnlyItself(t *testing.T) {
	b := looking(t)
	storing(t, b, `w.indexedDB.never = true; w.indexedDB.deleteDatabase = () => { w.deleted = true }`)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var set facts.Set
	observeStorage(ctx, b, &set)
	assert.Equal(t, facts.Entry{Reason: facts.ReasonTimedOut, From: "storage"}, set.Entry(facts.IndexedDB))
	assert.True(t, set.Equals(facts.CacheAPI, "kept"))
	assert.True(t, is(b.window, "deleted"), "what may still be opened must be deleted")
	assert.Empty(t, texts(b.window, "left"))
}

// An open connection would keep the database from being deleted.
func TestADatabaseThatIsOpenedTooLateIsClosed(t *testing.T) {
	b := looking(t)
	storing(t, b, `
		w.indexedDB.open = () => w.request = new EventTarget();
		w.openNow = () => { w.request.result = {close() { w.closed = true }}; w.request.dispatchEvent(new Event("success")) }`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := (&database{b, "mark"}).open(ctx, "name")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.False(t, is(b.window, "closed"))
	_, err = Call(b.window, "openNow")
	require.NoError(t, err)
	assert.True(t, is(b.window, "closed"))
	assert.Empty(t, b.handlers)
}

func TestACancelledRunLeavesNoMarks(t *testing.T) {
	b := looking(t)
	storing(t, b, `w.indexedDB.open = () => { setTimeout(w.cancel); return new EventTarget() }`)
	ctx, cancel := context.WithCancel(t.Context())
	stop, drop, err := b.bind(func(safejs.Value) { cancel() })
	require.NoError(t, err)
	defer drop()
	require.NoError(t, set(b.window, "cancel", stop))
	var found facts.Set
	observeStorage(ctx, b, &found)
	assert.False(t, found.Touched(facts.IndexedDB), "why it is not known is for the run to say")
	assert.Empty(t, texts(b.window, "left"))
}

// otherPage makes the page's document load frames: as each is put in, wipe is run,
// and the frame shows the location.
func otherPage(t *testing.T, b *browser, location, wipe string) {
	t.Helper()
	b.document = script(t, `(w) => ({
		frames: [],
		body: {appendChild(frame) {
			frame.contentWindow = {location: `+location+`};
			setTimeout(() => { `+wipe+`; frame.dispatchEvent(new Event("load")) });
		}},
		createElement() {
			const document = this, frame = new EventTarget();
			return Object.assign(frame, {
				setAttribute(name, value) { if (name === "src" || name === "sandbox") document.frames.push(value) },
				remove() { document.frames.push("removed"); frame.gone = true },
			});
		},
	})`)
	document, err := b.document.Invoke(b.window)
	require.NoError(t, err)
	b.document = document
}

func TestStorageThatIsLostWhenAPageLoads(t *testing.T) {
	const here, elsewhere = `{href: "https://pay.test/session"}`, `{get href() { throw new Error("cross-origin") }}`
	const all = `for (const kind of Object.values(w.kept)) for (const name in kind) delete kind[name]`
	lists := func(tokens ...string) facts.Entry {
		return facts.Entry{State: facts.Known, List: append([]string{}, tokens...)}
	}
	notKnown := facts.Entry{Reason: facts.ReasonNotKnown}
	tests := map[string]struct {
		change, location, wipe string
		want                   facts.Entry
	}{
		"nothing":                               {``, here, ``, lists()},
		"everything":                            {``, here, all, lists("local", "session", "indexed-db", "cache-api")},
		"a little later, from within the frame": {``, here, `setTimeout(() => { if (!frame.gone) ` + all + ` }, 60)`, lists("local", "session", "indexed-db", "cache-api")},
		"one kind":                              {``, here, `for (const name in w.kept.caches) delete w.kept.caches[name]`, lists("cache-api")},
		"what kept nothing":                     {`w.localStorage.setItem = () => {}`, here, ``, lists()},
		"what is refused now":                   {``, here, `w.caches.match = async () => { throw new Error("no") }`, lists()},
		"nothing is kept":                       {`w.localStorage = w.sessionStorage = w.indexedDB = w.caches = null`, here, ``, facts.Entry{Reason: facts.ReasonNotConfigured}},
		"a policy against it":                   {``, elsewhere, all, notKnown},
		"an empty frame":                        {``, `{href: "about:blank"}`, ``, notKnown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.controlURL = "https://pay.test/session"
			storing(t, b, tt.change)
			otherPage(t, b, tt.location, tt.wipe)
			var set facts.Set
			observeStorage(t.Context(), b, &set)
			tt.want.From = "storage"
			assert.Equal(t, tt.want, set.Entry(facts.StorageLostOnLoad))
			assert.Empty(t, texts(b.window, "left"))
			assert.Empty(t, b.handlers)
			if frames := texts(b.document, "frames"); len(frames) > 0 {
				assert.ElementsMatch(t, []string{"allow-same-origin", b.controlURL, "removed"}, frames)
			}
		})
	}
}

func TestThePageThatIsLoadedToSeeWhatStorageKeeps(t *testing.T) {
	const control, own, other = "https://pay.test/session", "https://pay.test/a.js", "https://cdn.test/a.js"
	tests := map[string]struct {
		mode, control, diagnostic string
		assets                    []string
		want                      string
	}{
		"the control URL":             {"embed", control, "https://d.test/control", []string{own}, "^" + control + "$"},
		"a file of the page's":        {"watch", "", "https://d.test/control", []string{other, own}, "^" + own + "$"},
		"another site's file":         {"embed", "", "https://d.test/control", []string{other}, "^$"},
		"nothing":                     {"embed", "", "", nil, "^$"},
		"a link":                      {"link", "", "https://pay.test/control", nil, `^https://pay\.test/control\?nonce=[0-9a-f]{16}$`},
		"a link with another's files": {"link", "", "https://d.test/control", nil, "^$"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.window = script(t, `({location: {origin: "https://pay.test"}})`)
			b.Mode, b.controlURL, b.control, b.pageAssets = tt.mode, tt.control, tt.diagnostic, tt.assets
			assert.Regexp(t, tt.want, b.anotherPage())
		})
	}
}
