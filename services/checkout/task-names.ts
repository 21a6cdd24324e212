/** Brings a checkout to its end that was left open. The key is its id. */
export const resumeCheckoutName = "resume-checkout";
/** Takes what was bought out of the cart, where that could not be done at once. The key is the checkout's id. */
export const emptyCartName = "empty-cart";
