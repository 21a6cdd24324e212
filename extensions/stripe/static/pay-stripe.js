// Opens Stripe's element where the page has a place for it. The page says which payment; Stripe says how it is paid.
"use strict";

const form = document.querySelector("form[data-payment=stripe]");
const place = form?.querySelector("[data-payment-place]");
const button = form?.querySelector("button[type=submit]");
const alert = form?.querySelector("[data-payment-alert]");

function say(text) {
  alert.textContent = text;
  alert.hidden = text === "";
}

if (form && !window.Stripe) say(form.dataset.unreachable);

if (form && window.Stripe) {
  const stripe = window.Stripe(form.dataset.key, { locale: form.dataset.locale });
  const elements = stripe.elements({ clientSecret: form.dataset.secret });
  const element = elements.create("payment");
  element.on("ready", () => (button.hidden = false));
  element.on("loaderror", () => say(form.dataset.unreachable));
  element.mount(place);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    say("");
    // Where it leads back to, the buyer is asked for nothing more; this goes on only when something was wrong.
    const { error } = await stripe.confirmPayment({
      elements,
      confirmParams: { return_url: form.dataset.return },
    });
    say(error.message || form.dataset.unreachable);
    button.disabled = false;
  });
}
