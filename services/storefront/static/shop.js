// Comforts for pages that work without it: no double submits, plus and minus buttons, lists that follow the window.
"use strict";

const busy = (form) => form.querySelectorAll("[aria-busy]");

function free(form) {
  delete form.dataset.sent;
  for (const button of busy(form)) {
    button.removeAttribute("aria-busy");
    if (button.dataset.idle) button.textContent = button.dataset.idle;
  }
}

// Before any other listener, so that whoever sends a form by script sees that it is on its way already.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!("once" in form.dataset) || event.submitter?.name === "update") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) {
      button.setAttribute("aria-busy", "true");
      if (!button.dataset.busy) continue;
      button.dataset.idle ??= button.textContent;
      button.textContent = button.dataset.busy;
    }
  },
  true,
);

// A page that comes back from the browser's memory can be sent again, and so can a form that a script could not send.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach(free));
document.addEventListener("shop:free", (event) => free(event.target));

function stepperOf(input) {
  const step = (text, part, label, change) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "step";
    button.id = `${input.id}-${part}`;
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      change();
      input.form.requestSubmit();
    });
    return button;
  };
  const box = document.createElement("span");
  box.className = "stepper";
  input.replaceWith(box);
  box.append(
    step("−", "less", input.dataset.less, () => input.stepDown()),
    input,
    step("+", "more", input.dataset.more, () => input.stepUp()),
  );
  input.addEventListener("change", () => input.form.requestSubmit());
  const update = input.form.querySelector("button:not([name]):not(.step):not([data-keep])");
  if (update) update.hidden = true;
}

// Also of what a script has put into the page.
function enhance(part) {
  for (const input of part.querySelectorAll("input[data-when-scripts]")) input.value = input.dataset.whenScripts;
  part.querySelectorAll("input[data-stepper]").forEach(stepperOf);
}
enhance(document);
document.addEventListener("shop:shown", (event) => enhance(event.target));

const wide = window.matchMedia("(min-width: 60rem)");
for (const details of document.querySelectorAll("details[data-open-when-wide]")) {
  const follow = () => (details.open = wide.matches);
  wide.addEventListener("change", follow);
  follow();
}

const currency = document.querySelector("form.currency select");
if (currency) currency.addEventListener("change", () => currency.form.requestSubmit());
