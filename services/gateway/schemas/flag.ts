import { Type } from "@fastify/type-provider-typebox";
import { Instant, strict } from "./shapes.ts";

const FlagValue = Type.Unknown({
  description: "true, false, a number, a text, or JSON; of the flag's type.",
});
const Share = Type.Number({
  minimum: 0,
  maximum: 1,
  description: "Part of the users who get the value; the same ones each time.",
});
const Reason = Type.String({
  minLength: 3,
  maxLength: 500,
  description: "Why; whoever comes later reads it.",
});

/** A flag that somebody has switched. */
export const FlagSwitch = strict(
  {
    name: Type.String(),
    value: FlagValue,
    share: Share,
    reason: Type.String(),
    by: Type.String(),
    at: Instant,
  },
  { $id: "FlagSwitch" },
);

const Source = Type.String({
  description: "switch, file or settings; the first that says something counts.",
});

export const Flag = strict(
  {
    name: Type.String(),
    type: Type.String({ description: "boolean, number, string or object." }),
    value: FlagValue,
    source: Source,
    unswitched: strict({ value: FlagValue, source: Source }),
    switch: Type.Union([Type.Ref("FlagSwitch"), Type.Null()]),
  },
  { $id: "Flag" },
);

export const FlagList = strict(
  {
    items: Type.Array(Type.Ref("Flag")),
    faults: strict({
      isAllowed: Type.Boolean({ description: "Whether the shop runs with FAULT_INJECTION=allowed." }),
      switch: Type.Union([Type.Ref("FlagSwitch"), Type.Null()]),
    }),
  },
  { $id: "FlagList" },
);

export const SwitchList = strict({ items: Type.Array(Type.Ref("FlagSwitch")) }, { $id: "SwitchList" });

export const FlagChange = strict(
  { value: FlagValue, share: Type.Optional(Share), reason: Reason },
  { $id: "FlagChange" },
);

export const TakeBackQuery = strict({ reason: Reason });
