// The page at /docs: how to get in, and the reference as a well-known renderer shows it, all from this origin.
import { html, type Html } from "#platform/web/html.ts";
import type { OpenApi } from "./openapi.ts";

export interface DocsShop {
  readonly name: string;
  readonly url: string;
}

/** Scripts and styles are this origin's files, nothing inline; pictures may also stand in the renderer's sheet. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function docsPageOf({ info }: OpenApi, { name, url }: DocsShop): string {
  const title = `${name} API`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/docs/files/swagger-ui.css" />
        <link rel="stylesheet" href="/docs/files/docs.css" />
        <script src="/docs/files/swagger-ui-bundle.js" defer></script>
        <script src="/docs/files/docs.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#reference">Skip to the operations</a>
        <header class="top">
          <div class="wrap top-row">
            <a class="logo" href="/">${name}</a>
            <nav aria-label="Reference">
              <a href="#authentication">Authentication</a> <a href="#reference">Operations</a>
              <a href="/docs/plain">Plain page</a> <a href="/openapi.json">OpenAPI</a>
              <a href="/">To the shop</a>
            </nav>
          </div>
        </header>
        <main class="wrap">
          <h1>${title} <small>${info.version}</small></h1>
          <p class="chapter">${prose(info.description)}</p>
          ${authenticationView(url)}
          <section aria-label="Operations">
            <div id="reference">
              <noscript
                ><p class="note">
                  Trying requests needs scripts. Without them, read the <a href="/docs/plain">plain page</a>.
                </p></noscript
              >
            </div>
          </section>
        </main>
      </body>
    </html> `.text;
}

function authenticationView(url: string): Html {
  return html`<section id="authentication" class="chapter" aria-labelledby="authentication-title">
    <h2 id="authentication-title">Authentication</h2>
    <p>
      The catalogue, currencies, shipping costs and tracking are read without a token. Everything that is
      somebody's asks for one: a JSON web token in the header <code>Authorization: Bearer …</code>, good until
      its <code>expiresAt</code>.
    </p>
    <form id="access" class="access" hidden>
      <h3>Get a token for this page</h3>
      <p><button type="button" id="as-guest">As a new guest</button></p>
      <div class="row">
        <label>Email <input name="email" type="email" autocomplete="username" required /></label>
        <label
          >Password <input name="password" type="password" autocomplete="current-password" required
        /></label>
        <button type="submit">As an account</button>
      </div>
      <p id="access-said" role="status"></p>
    </form>
    <h3>A guest</h3>
    <p>A cart, orders and no password. Kept for seven days after its last use.</p>
    ${exampleView(
      `TOKEN=$(curl -s -X POST ${url}/api/users/guest | jq -r .token)
curl -s -X POST ${url}/api/cart/me/items \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"productId":"OLJCESPC7Z","quantity":1}'`,
    )}
    <h3>An account</h3>
    <p>
      Registration and login answer a <code>token</code> and a <code>refreshToken</code>. A refresh token is
      good for one new pair; logout ends them all. A guest's token sent along with the login brings the
      guest's cart into the account.
    </p>
    ${exampleView(
      `TOKEN=$(curl -s -X POST ${url}/api/users/login -H "Content-Type: application/json" \\
  -d '{"email":"ada@example.com","password":"a sentence about amphorae"}' | jq -r .token)
curl -s ${url}/api/users/profile -H "Authorization: Bearer $TOKEN"
curl -s -X POST ${url}/api/users/refresh -H "Content-Type: application/json" \\
  -d '{"refreshToken":"…"}'`,
    )}
    <h3>An admin</h3>
    <p>
      An admin is an account with that role, and signs in like any other. The shop makes its first admin from
      <code>ADMIN_EMAIL</code> and <code>ADMIN_PASSWORD</code>; in embedded mode without them it prints one at
      its first start. Further ones are made on the command line.
    </p>
    ${exampleView(
      `npm run stoa admin create grace@example.com
ADMIN=$(curl -s -X POST ${url}/api/users/login -H "Content-Type: application/json" \\
  -d '{"email":"grace@example.com","password":"…"}' | jq -r .token)
curl -s ${url}/api/orders -H "Authorization: Bearer $ADMIN"`,
    )}
    <h3>Once, however often it is sent</h3>
    <p>
      Operations that show <code>Idempotency-Key</code> take a text of your choice. The same request under the
      same key is not done again and gets the same answer.
    </p>
  </section>`;
}

/** Text with `code` in backquotes. */
function prose(text: string): Html[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function exampleView(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}
