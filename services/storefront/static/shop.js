// Comforts for pages that work without it: no double submits, prices that follow the choice, plus and minus buttons.
"use strict";

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
  });
}

// A page that comes back from the browser's memory can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

// What only goes where scripts run.
for (const input of document.querySelectorAll("input[data-when-scripts]")) input.value = input.dataset.whenScripts;

const price = document.getElementById("price");
const stock = document.getElementById("stock");
for (const choice of document.querySelectorAll("input[name=variant_id][data-price]")) {
  choice.addEventListener("change", () => {
    if (price) price.textContent = choice.dataset.price;
    if (stock) stock.textContent = choice.dataset.stock;
  });
}

for (const input of document.querySelectorAll("input[data-stepper]")) {
  const step = (text, label, change) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "step";
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
    step("−", input.dataset.less, () => input.stepDown()),
    input,
    step("+", input.dataset.more, () => input.stepUp()),
  );
  input.addEventListener("change", () => input.form.requestSubmit());
  const update = input.form.querySelector("button:not([name]):not(.step)");
  if (update) update.hidden = true;
}

const wide = window.matchMedia("(min-width: 60rem)");
for (const details of document.querySelectorAll("details[data-open-when-wide]")) {
  const follow = () => (details.open = wide.matches);
  wide.addEventListener("change", follow);
  follow();
}

const currency = document.querySelector("form.currency select");
if (currency) currency.addEventListener("change", () => currency.form.requestSubmit());
