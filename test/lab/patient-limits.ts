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

/** The limits as they come, for tests that are about them. */
export const usualLimits = {
  GATEWAY_BROWSE_TIMEOUT_MS: "900",
  GATEWAY_CART_TIMEOUT_MS: "1800",
  GATEWAY_CHECKOUT_TIMEOUT_MS: "9500",
  STOREFRONT_BROWSE_TIMEOUT_MS: "950",
  STOREFRONT_CART_TIMEOUT_MS: "1900",
  STOREFRONT_CHECKOUT_TIMEOUT_MS: "9800",
  STOREFRONT_ESTIMATE_TIMEOUT_MS: "300",
} as const;
