// The cart page without loading it anew: what is typed, the card too, stays in the page and nowhere else. Each answer is a whole
// page of the server; its middle takes the place of the one that is shown, and what was typed is put back into it.
"use strict";

{
  const main = document.getElementById("main");
  const cardFields = ["credit_card_number", "credit_card_cvv"];
  const moveTotal = new Set(["country", "state", "zip_code", "shippingMethodCode"]);
  const checkout = () => document.getElementById("checkout");
  let asking = new AbortController();
  let changes = Promise.resolve();
  let waiting = 0;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !checkout()) return;
    if (form === checkout()) {
      event.preventDefault();
      void (event.submitter?.name === "update" ? update() : place(form));
    } else if (form.matches('form.currency, form[action="/cart/items"]')) {
      event.preventDefault();
      change(form, event.submitter);
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.form === checkout() && moveTotal.has(event.target.name)) void update();
  });

  async function place(form) {
    asking.abort();
    try {
      const answer = await fetch(form.action, { method: "POST", body: fieldsOf(form) });
      if (answer.redirected) return location.assign(answer.url);
      show(await answer.text());
      const wrong = main.querySelector("[aria-invalid=true]") ?? main.querySelector("[role=alert]");
      wrong?.focus();
    } catch {
      tell(form);
    }
  }

  /** Asks what it costs as things stand. The card is nobody's business there. */
  async function update() {
    asking.abort();
    const { signal } = (asking = new AbortController());
    const fields = fieldsOf(checkout());
    for (const name of cardFields) fields.delete(name);
    fields.set("update", "1");
    main.querySelector(".totals")?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch("/cart/checkout", { method: "POST", body: fields, signal });
      const page = await answer.text();
      if (!signal.aborted) show(page);
    } catch {
      main.querySelector(".totals")?.removeAttribute("aria-busy");
    }
  }

  /** One after the other, so that the last press counts; the page is asked for when there is no further one. */
  function change(form, submitter) {
    const { action } = form;
    const fields = fieldsOf(form, submitter);
    waiting += 1;
    asking.abort();
    changes = changes.then(async () => {
      const answer = await fetch(action, { method: "POST", body: fields, redirect: "manual" }).catch(() => undefined);
      waiting -= 1;
      if (answer?.type !== "opaqueredirect") return location.reload();
      if (waiting === 0) await update();
    });
  }

  function fieldsOf(form, submitter) {
    return new URLSearchParams(new FormData(form, submitter));
  }

  function show(page) {
    const next = new DOMParser().parseFromString(page, "text/html");
    const nextMain = next.getElementById("main");
    if (!nextMain) throw new Error("The answer is no page of the shop.");
    const kept = typed();
    const focus = document.activeElement;
    const place = focus && main.contains(focus) ? { id: focus.id, from: focus.selectionStart, to: focus.selectionEnd } : undefined;
    main.replaceChildren(...nextMain.childNodes);
    document.title = next.title;
    const badge = next.querySelector(".cart-link");
    if (badge) document.querySelector(".cart-link")?.replaceWith(badge);
    for (const field of typedFields()) if (kept.has(field.name)) field.value = kept.get(field.name);
    main.dispatchEvent(new CustomEvent("shop:shown", { bubbles: true }));
    focusAgain(place);
  }

  function typedFields() {
    return [...(checkout()?.elements ?? [])].filter((field) => field.matches("select, input:not([type=hidden]):not([type=radio])"));
  }

  function typed() {
    return new Map(typedFields().map(({ name, value }) => [name, value]));
  }

  function focusAgain(place) {
    const field = place?.id ? document.getElementById(place.id) : undefined;
    if (!field) return;
    field.focus({ preventScroll: true });
    if (typeof place.from === "number") field.setSelectionRange(place.from, place.to);
  }

  /** Nobody knows whether it arrived; sending it again is safe. */
  function tell(form) {
    const alert = document.createElement("p");
    alert.className = "alert";
    alert.tabIndex = -1;
    alert.setAttribute("role", "alert");
    alert.textContent = form.dataset.unreachable;
    main.querySelector(".alert")?.remove();
    main.querySelector("h1")?.after(alert);
    alert.focus();
    form.dispatchEvent(new CustomEvent("shop:free", { bubbles: true }));
  }
}
