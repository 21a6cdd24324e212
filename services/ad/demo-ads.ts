import { adIdOf, type Ad } from "./ad.ts";
import demo from "./demo-ads.json" with { type: "json" };

/** One ad for each category of the demo catalogue, two for the kitchen. */
export const demoAds: readonly Ad[] = demo.map(({ name, ...ad }) => ({ id: adIdOf(name), ...ad }));
