// The page as an app: what a browser may keep is decided in the service worker, and that is very little.
navigator.serviceWorker?.register("/service-worker.js");
