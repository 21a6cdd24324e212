// The frame around every page: the side bar for those who are let in, nothing but the shop's name for the others.
import type { PageAnswer } from "#platform/web/answer.ts";
import { html, type Html } from "#platform/web/html.ts";
import type { AdminVisit } from "../visit.ts";

export function documentView(visit: AdminVisit, page: PageAnswer): Html {
  const { words, user, ctx, path } = visit;
  const { files, shopName } = ctx;
  return html`<!doctype html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${words.text("frame.title", { page: page.title, shop: shopName })}</title>
        <link rel="icon" href="${files.url("img/favicon.svg")}" type="image/svg+xml" />
        <link rel="stylesheet" href="${files.url("admin.css")}" />
        <script src="${files.url("live.js")}" defer></script>
        ${path.startsWith("/admin/ops") ? html`<script src="${files.url("ops.js")}" defer></script>` : ""}
      </head>
      <body class="${user ? "framed" : "bare"}">
        <a class="skip" href="#main">${words.text("frame.skip")}</a>
        ${user ? sideBarView(visit, user.email) : html`<p class="brand">${shopName}</p>`}
        <main id="main">${page.body}</main>
      </body>
    </html> `;
}

function sideBarView({ words, path, ctx }: AdminVisit, email: string): Html {
  const rooms = [
    { href: "/admin", text: words.text("frame.orders"), isHere: /^\/admin(\/|\/orders.*)?$/.test(path) },
    { href: "/admin/mail", text: words.text("frame.mails"), isHere: path.startsWith("/admin/mail") },
    { href: "/admin/ops", text: words.text("frame.ops"), isHere: /^\/admin\/ops(\/|$)/.test(path) },
    {
      href: "/admin/activity",
      text: words.text("frame.activity"),
      isHere: path.startsWith("/admin/activity"),
    },
    { href: "/admin/flags", text: words.text("frame.flags"), isHere: path.startsWith("/admin/flags") },
    ...ctx.rooms.map(({ href, words: own }) => {
      const isHere = path === href || path.startsWith(`${href}/`);
      return { href, text: own.text("title"), isHere };
    }),
  ];
  return html`<header class="side">
    <a class="brand" href="/admin">${ctx.shopName}</a>
    <nav aria-label="${words.text("frame.rooms")}">
      <ul>
        ${rooms.map(
          ({ href, text, isHere }) =>
            html`<li><a href="${href}" ${isHere ? html` aria-current="page"` : ""}>${text}</a></li>`,
        )}
      </ul>
      <ul class="ways">
        <li><a href="/">${words.text("frame.shop")}</a></li>
        <li><a href="/docs">${words.text("frame.reference")}</a></li>
      </ul>
    </nav>
    <form class="who" action="/admin/logout" method="post">
      <span>${email}</span><button class="link" type="submit">${words.text("frame.signOut")}</button>
    </form>
  </header>`;
}
