import type { ProductField } from "../../services/catalog/extension.ts";

export const occasion: ProductField = {
  name: "occasion",
  doc: "What the product is given for.",
  schema: { type: "string", enum: ["birthday", "wedding", "farewell"] },
  says: "must be birthday, wedding or farewell",
};
