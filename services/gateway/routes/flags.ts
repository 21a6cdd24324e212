import type { Switch } from "#gen/stoa/platform/v1/flags_pb.js";
import { mayInjectFaults } from "#platform/kit/faults.ts";
import { faultsFlag } from "#platform/kit/fault-rules.ts";
import { switchesOf, typeOfFlag, type FlagSwitch } from "#platform/kit/flag-switch.ts";
import type { GatewayContext } from "../context.ts";
import { endpoint } from "../endpoint.ts";
import { refusal } from "../errors.ts";
import { FlagChange, FlagList, SwitchList, TakeBackQuery } from "../schemas/flag.ts";

const listFlags = endpoint({
  id: "listFlags",
  method: "GET",
  path: "/api/flags",
  journey: "admin",
  tag: "Flags",
  summary: "List the feature flags: what they are, why, and the faults that are injected",
  access: "admin",
  isAlwaysUp: true,
  status: 200,
  answer: FlagList,
  run: async (ctx, { serviceCall }) => {
    hear(ctx, (await ctx.switches.listSwitches({}, serviceCall)).switches);
    return await flagsJson(ctx);
  },
});

const switchFlag = endpoint({
  id: "switchFlag",
  method: "PUT",
  path: "/api/flags/:name",
  journey: "admin",
  tag: "Flags",
  summary: "Give a flag a value that goes before files and settings",
  description:
    "In force everywhere within five seconds. The flag `faults` holds the rules of fault injection (docs/operate/flags.md).",
  access: "admin",
  isAlwaysUp: true,
  body: FlagChange,
  status: 200,
  answer: FlagList,
  refusals: { 403: ["FAULTS_REFUSED"], 404: ["FLAG_NOT_FOUND"] },
  run: async (ctx, { param, body, call }) => {
    const { value, reason, share } = body;
    const request = { name: param("name"), valueJson: JSON.stringify(value), reason };
    const changed = await ctx.switches.switchFlag(
      share === undefined ? request : { ...request, share },
      call,
    );
    hear(ctx, changed.switches);
    return await flagsJson(ctx);
  },
});

const takeBackSwitch = endpoint({
  id: "takeBackSwitch",
  method: "DELETE",
  path: "/api/flags/:name",
  journey: "admin",
  tag: "Flags",
  summary: "Take a switch back: files and settings count again",
  access: "admin",
  isAlwaysUp: true,
  query: TakeBackQuery,
  status: 200,
  answer: FlagList,
  run: async (ctx, { param, query, call }) => {
    const changed = await ctx.switches.takeBackSwitch({ name: param("name"), reason: query.reason }, call);
    hear(ctx, changed.switches);
    return await flagsJson(ctx);
  },
});

const listSwitches = endpoint({
  id: "listSwitches",
  method: "GET",
  path: "/api/flags/switches",
  journey: "admin",
  tag: "Flags",
  summary: "What is switched, as this gateway has last heard; for services of the shop only",
  access: "anyone",
  isAlwaysUp: true,
  status: 200,
  answer: SwitchList,
  run: async (ctx, { service }) => {
    if (service === undefined) throw refusal("NOT_FOUND");
    return await Promise.resolve({ items: ctx.flags.switches().map(switchJson) });
  },
});

export const flagEndpoints = [listFlags, listSwitches, switchFlag, takeBackSwitch];

/** This process knows at once what the others hear within seconds. */
function hear({ flags }: GatewayContext, switches: readonly Switch[]): void {
  flags.hear(switchesOf(switches));
}

async function flagsJson({ flags }: GatewayContext) {
  const states = await flags.list();
  const faults = flags.switches().find(({ name }) => name === faultsFlag);
  return {
    items: states.map(({ name, value, source, unswitched, switched }) => ({
      name,
      type: typeOfFlag(value),
      value,
      source,
      unswitched,
      switch: switched ? switchJson(switched) : null,
    })),
    faults: { isAllowed: mayInjectFaults(), switch: faults ? switchJson(faults) : null },
  };
}

function switchJson({ name, value, share, reason, by, at }: FlagSwitch) {
  return { name, value, share, reason, by, at: at.toISOString() };
}
