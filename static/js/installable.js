// The page as an app: what a browser may keep is decided in the service worker, and that is very little.
// A browser that refuses has the same site, only without the page for times without a network.
navigator.serviceWorker?.register("/service-worker.js").catch(() => undefined);
