// The house's shop with the example in its list, for tests.
import { defineShop } from "#platform/kit/shop-file.ts";
import { shop as house } from "../../../shop.ts";
import { gifts } from "../entry.ts";

export const shop = defineShop({ ...house.choices, extensions: [...house.extensions, gifts] });
