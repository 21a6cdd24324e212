/** The renderings that everything is tried on: every profile as it is, and what only further values turn on. */
import { profiles, type Rendering } from "./render.ts";

/** What needs an operator or a controller, and everything else that no profile turns on. */
const further: Readonly<Record<string, Rendering>> = {};

export const chartRenderings: Readonly<Record<string, Rendering>> = {
  defaults: {},
  ...Object.fromEntries(profiles.map((profile) => [profile, { profile }])),
  ...further,
};

export const renderingNames: readonly string[] = Object.keys(chartRenderings);
