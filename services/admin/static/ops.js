// Asks for the parts of an ops page every two seconds and replaces those that have changed. Asks nothing while nobody looks.
"use strict";

const everyMs = 2_000;
const root = document.querySelector("[data-poll]");
const stale = document.querySelector("[data-stale]");
let timer;
let asking;

async function ask() {
  asking = new AbortController();
  const timeout = setTimeout(() => asking.abort(), 8_000);
  try {
    const answer = await fetch(location.href, {
      headers: { "x-stoa-part": "1" },
      signal: asking.signal,
      cache: "no-store",
    });
    // Whoever is not let in any more is led to the door.
    if (answer.redirected || answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    stale.hidden = true;
  } catch {
    if (!document.hidden) stale.hidden = false;
  } finally {
    clearTimeout(timeout);
  }
  if (!document.hidden) timer = setTimeout(ask, everyMs);
}

function show(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  const parts = [...template.content.children];
  if (parts.length === 0 || parts.some(({ dataset }) => !dataset.part)) return;
  for (const next of parts) {
    const part = root.querySelector(`[data-part="${CSS.escape(next.dataset.part)}"]`);
    if (part && part.innerHTML !== next.innerHTML && !isInUse(part)) swap(part, next);
  }
}

// What somebody is filling in, marking or choosing stays as it is until they are done.
function isInUse(part) {
  const isFilled = [...part.querySelectorAll("input:not([type=hidden]), textarea")].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
  const selection = document.getSelection();
  const isMarked = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  const active = document.activeElement;
  return isFilled || isMarked || (part.contains(active) && active.closest("form") !== null);
}

// Links keep the focus, details stay open, and what is scrolled stays where it is.
function swap(part, next) {
  const active = part.contains(document.activeElement) ? document.activeElement : undefined;
  const href = active && active.getAttribute("href");
  const open = [...part.querySelectorAll("details[open][id]")].map(({ id }) => id);
  const summary = active && active.tagName === "SUMMARY" ? active.parentElement.id : "";
  part.replaceChildren(...next.childNodes);
  for (const id of open) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  const focus = href
    ? part.querySelector(`[href="${CSS.escape(href)}"]`)
    : summary && document.querySelector(`#${CSS.escape(summary)} > summary`);
  if (focus) focus.focus({ preventScroll: true });
}

function start() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, everyMs);
}

if (root) {
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden && asking) asking.abort();
    else if (!document.hidden) void ask();
  });
  window.addEventListener("pageshow", ({ persisted }) => persisted && start());
  start();
}
