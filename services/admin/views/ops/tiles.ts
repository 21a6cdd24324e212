// The tiles of the overview: one subject each, its figure large, what it is made of small.
import { html, type Html, type HtmlValue } from "#platform/web/html.ts";
import type { Health } from "./call-graph.ts";

export interface Tile {
  readonly heading: string;
  readonly url: string;
  readonly health: Health;
  readonly figure: HtmlValue;
  readonly lines: readonly HtmlValue[];
}

export function tilesView(tiles: readonly Tile[]): Html {
  return html`<ul class="tiles">
    ${tiles.map(
      ({ heading, url, health, figure, lines }) =>
        html`<li class="tile ${health}">
          <h2><a href="${url}">${heading}</a></h2>
          <p class="big">${figure}</p>
          <ul>
            ${lines.map((line) => html`<li>${line}</li>`)}
          </ul>
        </li>`,
    )}
  </ul>`;
}
