import { GiftService } from "#gen/gifts/v1/gifts_pb.js";
import { add, defineExtension } from "#platform/kit/extension.ts";
import { themes } from "#platform/web/theme.ts";
import { adminPages } from "../../services/admin/extension.ts";
import { productFields } from "../../services/catalog/extension.ts";
import { pricingRules } from "../../services/checkout/extension.ts";
import { restRoutes } from "../../services/gateway/extension.ts";
import { hamper } from "./hamper.ts";
import { occasion } from "./occasion.ts";
import { giftRoom } from "./room.ts";
import { giftRoutes } from "./routes.ts";

export const giftExtension = defineExtension({
  name: "gifts",
  needs: { gateway: { gifts: GiftService } },
  adds: [
    add(restRoutes, giftRoutes),
    add(productFields, occasion),
    add(pricingRules, { discounts: [hamper] }),
    add(adminPages, giftRoom),
    add(themes, new URL("./theme/", import.meta.url)),
  ],
});
