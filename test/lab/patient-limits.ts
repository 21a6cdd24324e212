/**
 * Settings for tests that are not about time: on a machine that runs many of them at once, an answer that is late is no defect.
 * What the limits do has tests of its own, with the limits as they come.
 */
export const patientLimits = {
  GATEWAY_BROWSE_TIMEOUT_MS: "20000",
  GATEWAY_CART_TIMEOUT_MS: "20000",
  GATEWAY_CHECKOUT_TIMEOUT_MS: "60000",
  STOREFRONT_BROWSE_TIMEOUT_MS: "20000",
  STOREFRONT_CART_TIMEOUT_MS: "20000",
  STOREFRONT_CHECKOUT_TIMEOUT_MS: "60000",
  STOREFRONT_ESTIMATE_TIMEOUT_MS: "20000",
} as const;
