// Follows the stream of each element with data-live and puts the element that arrives in the place of the one shown.
"use strict";

for (const element of document.querySelectorAll("[data-live]")) follow(element);

function follow(element) {
  const address = element.dataset.live;
  let source;
  let waiting;
  let timer;
  let pauseMs = 2_000;

  const open = () => {
    clearTimeout(timer);
    source = new EventSource(address);
    source.addEventListener("message", (event) => {
      pauseMs = 2_000;
      waiting = event.data;
      swap();
    });
    // A broken connection is opened again by the browser; a refused one is not, so it is asked for again here, ever later.
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, pauseMs);
      pauseMs = Math.min(pauseMs * 2, 60_000);
    });
  };

  const close = () => {
    clearTimeout(timer);
    if (source) source.close();
  };

  // Nobody's choice or place in the page is taken away: the newest state waits until they have left the element.
  const isInUse = () =>
    element.contains(document.activeElement) || element.querySelector("input:checked") !== null;

  const swap = () => {
    if (waiting === undefined || isInUse()) return;
    const template = document.createElement("template");
    template.innerHTML = waiting;
    waiting = undefined;
    const next = template.content.firstElementChild;
    if (!next) return;
    element.replaceWith(next);
    element = next;
  };

  document.addEventListener("focusout", () => setTimeout(swap));
  document.addEventListener("change", () => setTimeout(swap));
  // A page nobody looks at holds no stream.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", ({ persisted }) => persisted && open());
  if (!document.hidden) open();
}
