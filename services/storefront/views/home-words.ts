import { html, type Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";

/** The picture and the promise a visitor meets first. */
export function heroView({ words, url }: Look): Html {
  return html`<section class="hero">
    <img src="${url("img/hero.svg")}" alt="" width="1600" height="640" fetchpriority="high" />
    <div class="wrap hero-text">
      <h1>${words.text("hero.heading")}</h1>
      <p>${words.text("hero.text")}</p>
      <a class="button" href="#products">${words.text("hero.button")}</a>
    </div>
  </section>`;
}

export function promisesView({ words }: Look): Html {
  return html`<section class="wrap promises" aria-label="${words.text("promises.label")}">
    <ul>
      <li>
        <strong>${words.text("promises.price")}</strong><span>${words.text("promises.priceText")}</span>
      </li>
      <li><strong>${words.text("promises.once")}</strong><span>${words.text("promises.onceText")}</span></li>
      <li>
        <strong>${words.text("promises.stock")}</strong><span>${words.text("promises.stockText")}</span>
      </li>
    </ul>
  </section>`;
}
