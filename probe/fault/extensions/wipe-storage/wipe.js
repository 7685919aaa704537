localStorage.clear();
sessionStorage.clear();
indexedDB.databases().then((databases) => databases.forEach(({ name }) => indexedDB.deleteDatabase(name)));
caches.keys().then((names) => names.forEach((name) => caches.delete(name)));
