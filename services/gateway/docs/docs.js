// Opens the reference in the page, gives it a token where one is asked for, and names what the renderer leaves nameless.
"use strict";

{
  const place = document.getElementById("reference");
  const access = document.getElementById("access");
  const said = document.getElementById("access-said");

  const ui = window.SwaggerUIBundle({
    url: "/openapi.json",
    domNode: place,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    defaultModelRendering: "example",
    filter: true,
    tryItOutEnabled: true,
    requestSnippetsEnabled: true,
    displayRequestDuration: true,
    validatorUrl: null,
    layout: "BaseLayout",
    presets: [window.SwaggerUIBundle.presets.apis],
    // The page has a title of its own.
    plugins: [() => ({ wrapComponents: { InfoContainer: () => () => null } })],
  });

  /** The token lives in this page and ends with it. */
  async function take(path, body) {
    said.textContent = "";
    const answer = await fetch(path, {
      method: "POST",
      headers: body ? { "content-type": "application/json" } : {},
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const { token, user, detail } = await answer.json();
    if (answer.ok) ui.preauthorizeApiKey("token", token);
    said.textContent = answer.ok
      ? `Every request you try below now carries a token${user ? ` of ${user.email} (${user.role})` : " of a new guest"}.`
      : detail;
  }

  access.hidden = false;
  document.getElementById("as-guest").addEventListener("click", () => void take("/api/users/guest"));
  access.addEventListener("submit", (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(access));
    void take("/api/users/login", { email, password });
    access.querySelector("[type=password]").value = "";
  });

  const nameFields = () => {
    for (const field of place.querySelectorAll("input, select, textarea")) {
      if (field.getAttribute("aria-label") || field.labels?.length) continue;
      const row = field.closest("tr")?.querySelector(".parameter__name")?.firstChild?.textContent;
      field.setAttribute(
        "aria-label",
        row || field.placeholder || (field.matches("textarea") ? "Request body" : "Media type"),
      );
    }
    for (const cell of place.querySelectorAll("pre, .highlight-code, .opblock-body pre")) cell.tabIndex = 0;
    for (const button of place.querySelectorAll("button:not([aria-label])"))
      if (!button.textContent.trim()) button.setAttribute("aria-label", button.title || "Open or close");
  };
  new MutationObserver(nameFields).observe(place, { childList: true, subtree: true });
}
