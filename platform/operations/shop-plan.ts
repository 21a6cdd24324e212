// The shop as its own list has it: services, and who opens what of whom.

/** Part of deploy/services.json; the whole is not loaded by who only draws it. */
export interface ShopPlan {
  readonly services: readonly {
    readonly name: string;
    readonly isEdge: boolean;
    readonly hasDatabase: boolean;
    readonly connections: readonly { readonly to: string; readonly for: readonly string[] }[];
  }[];
}

let plan: Promise<ShopPlan> | undefined;

/** Written from the shop file and the doors; read when somebody looks first. */
export function shopPlan(): Promise<ShopPlan> {
  return (plan ??= import("#gen/shop-plan.json", { with: { type: "json" } }).then(
    ({ default: read }) => read as ShopPlan,
  ));
}
