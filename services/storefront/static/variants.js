// Choosing a variant shows it: price and stock at once, the rest as soon as the server's page for it is here.
"use strict";

{
  let asking = new AbortController();

  document.addEventListener("change", (event) => {
    const choice = event.target;
    if (!choice.matches("input[name=variant_id][data-price]")) return;
    document.getElementById("price").textContent = choice.dataset.price;
    document.getElementById("stock").textContent = choice.dataset.stock;
    const address = new URL(location.href);
    address.searchParams.set("variant", choice.value);
    history.replaceState(history.state, "", address);
    void show(address);
  });

  async function show(address) {
    asking.abort();
    const { signal } = (asking = new AbortController());
    try {
      const answer = await fetch(address, { signal });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (signal.aborted) return;
      const wanted = document.querySelector("select[name=quantity]")?.value;
      for (const part of document.querySelectorAll("[data-part]")) {
        const next = page.querySelector(`[data-part="${part.dataset.part}"]`);
        if (!next || next.isEqualNode(part)) continue;
        if (next.tagName !== part.tagName) part.replaceWith(next);
        else {
          part.className = next.className;
          part.replaceChildren(...next.childNodes);
        }
      }
      const quantity = document.querySelector("select[name=quantity]");
      if (quantity && [...quantity.options].some(({ value }) => value === wanted)) quantity.value = wanted;
    } catch {
      // Price and stock are shown already; the choice counts as it is.
    }
  }
}
