// The search, where the pages are opened from their folder: a browser starts no worker from file://, so the worker's
// script runs in a hidden frame that takes and sends messages like one. Read by mkdocs.yml; the index: scripts/docs_site.py.
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.hidden = true;
      const inner = frame.contentWindow;
      const load = (src) =>
        new Promise((loaded, failed) => {
          const script = inner.document.createElement("script");
          Object.assign(script, { src, onload: loaded, onerror: failed });
          inner.document.body.appendChild(script);
        });
      inner.importScripts = (...all) => all.reduce((before, src) => before.then(() => load(src)), Promise.resolve());
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const ready = load(url);
      this.postMessage = (data) => ready.then(() => inner.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
  window.Worker = window.IFrameWorker;
}
