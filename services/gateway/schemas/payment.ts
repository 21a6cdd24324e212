import { Type } from "@fastify/type-provider-typebox";
import { choice, Id, nullableText, strict, text } from "./shapes.ts";

export const PaymentMethod = strict(
  {
    provider: Type.String({ description: "Name of the payment provider." }),
    takes: choice(["card", "session"]),
    presentations: Type.Array(choice(["embedded", "redirect"])),
    publishableKey: nullableText(),
  },
  {
    $id: "PaymentMethod",
    description:
      "`card`: POST /api/orders takes a card. `session`: it begins a payment at the provider, in one of the presentations; the publishable key opens the provider's script.",
  },
);

export const ProviderCallback = Type.Object(
  {
    id: text(255),
    type: text(100),
    paymentId: Id,
  },
  {
    $id: "ProviderCallback",
    description: "Further fields are allowed and not looked at; `type` says what changed.",
    examples: [
      {
        id: "9a0c5f5e-70b1-5d0c-8f5e-2f6f3f0a7c11",
        type: "payment.captured",
        paymentId: "0190a4c2-7b1e-7cc3-98c4-dc0c0c07398f",
      },
    ],
  },
);
