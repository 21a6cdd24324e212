// The three ways to roll out, as data: what runs where and who gets the traffic, step by step. Nothing here knows a cluster.

export type Strategy = "rolling" | "blueGreen" | "canary";

/** One version of a service beside another: a colour, v1 or v2; the only slot of a rolling update has no name. */
export interface Slot {
  readonly tag: string;
  readonly replicas: number;
  /** Percent of the traffic. */
  readonly weight: number;
}

/** How a service stands: what its release says of it. */
export interface RolloutState {
  readonly strategy: Strategy;
  /** The slot that is trusted: the colour with the traffic, or what a canary goes back to. */
  readonly active: string;
  /** The slot that a rollout under way leads to; empty while none is. */
  readonly to: string;
  readonly slots: { readonly [name: string]: Slot };
}

export interface Step {
  /** What the step is, as people read it. */
  readonly title: string;
  readonly state: RolloutState;
  /** What must be shown before the next step: nothing, that the preview answers, or figures as good as those of the old version. */
  readonly proof: "none" | "preview" | "figures";
}

export interface Plan {
  readonly strategy: Strategy;
  readonly from: string;
  readonly to: string;
  readonly steps: readonly Step[];
}

export const slotsOf: { readonly [strategy in Strategy]: readonly string[] } = {
  rolling: [""],
  blueGreen: ["blue", "green"],
  canary: ["v1", "v2"],
};

/** Percent of the traffic that the new version has in each step of a canary but the last. */
export const canaryWeights: readonly number[] = [10, 50];

export function otherSlot(strategy: Strategy, slot: string): string {
  return slotsOf[strategy].find((name) => name !== slot) ?? slot;
}

/**
 * The way of a service from what it runs now to the version `tag`, beginning before its first step. `replicas` is how many the service
 * needs at full traffic.
 */
export function planOf(state: RolloutState, tag: string, replicas: number): Plan {
  const from = state.to === "" ? state.active : otherSlot(state.strategy, state.to);
  const to = otherSlot(state.strategy, from);
  const plan = { strategy: state.strategy, from, to };
  if (state.strategy === "rolling") return { ...plan, steps: rollingSteps(state, tag) };
  const base = { state, from, to, tag, replicas };
  return { ...plan, steps: state.strategy === "canary" ? canarySteps(base) : blueGreenSteps(base) };
}

interface Base {
  readonly state: RolloutState;
  readonly from: string;
  readonly to: string;
  readonly tag: string;
  readonly replicas: number;
}

/** The Deployment does the turns itself: a new pod is ready before an old one ends. */
function rollingSteps(state: RolloutState, tag: string): Step[] {
  const slot = slotOf(state, "");
  return [
    {
      title: `every pod in its turn, to ${tag}`,
      state: { ...state, slots: { "": { ...slot, tag } } },
      proof: "figures",
    },
  ];
}

function canarySteps(base: Base): Step[] {
  const { replicas, from, to } = base;
  const parts = canaryWeights.map((weight): Step => {
    // Below a half the old version keeps all its pods: it must carry everything again at once.
    const isHalf = weight >= 50;
    const fresh = Math.max(1, Math.ceil((replicas * weight) / 100));
    const old = isHalf ? Math.max(1, Math.ceil((replicas * (100 - weight)) / 100)) : replicas;
    return {
      title: `${weight} % of the traffic to ${to} (${from}: ${counted(old)}, ${to}: ${counted(fresh)})`,
      state: stateOf(base, from, { replicas: old, weight: 100 - weight }, { replicas: fresh, weight }),
      proof: "figures",
    };
  });
  return [
    ...parts,
    {
      title: `100 % of the traffic to ${to} (${to}: ${counted(replicas)}), ${from} is gone`,
      state: ended(stateOf(base, to, { replicas: 0, weight: 0 }, { replicas, weight: 100 })),
      proof: "none",
    },
  ];
}

function blueGreenSteps(base: Base): Step[] {
  const { replicas, from, to } = base;
  const idle = { replicas, weight: 0 };
  const serving = { replicas, weight: 100 };
  return [
    {
      title: `${to} runs beside ${from} (${counted(replicas)} each), ${from} has the traffic, ${to} is tried`,
      state: stateOf(base, from, serving, idle),
      proof: "preview",
    },
    {
      title: `the traffic is switched to ${to}, ${from} stays ready to take it back`,
      state: stateOf(base, to, idle, serving),
      proof: "figures",
    },
    {
      title: `${from} is scaled to 0`,
      state: ended(stateOf(base, to, { replicas: 0, weight: 0 }, serving)),
      proof: "none",
    },
  ];
}

type Share = Pick<Slot, "replicas" | "weight">;

function stateOf({ state, from, to, tag }: Base, active: string, old: Share, fresh: Share): RolloutState {
  return {
    ...state,
    active,
    to,
    slots: { [from]: { ...slotOf(state, from), ...old }, [to]: { tag, ...fresh } },
  };
}

function ended(state: RolloutState): RolloutState {
  return { ...state, to: "" };
}

/** How a service stands when everything is taken back: the old version as before, the new one gone. */
export function backOf(state: RolloutState, from: string, replicas: number): RolloutState {
  const to = otherSlot(state.strategy, from);
  return {
    ...state,
    active: from,
    to: "",
    slots: {
      [from]: { ...slotOf(state, from), replicas, weight: 100 },
      ...(to === from ? {} : { [to]: { ...slotOf(state, to), replicas: 0, weight: 0 } }),
    },
  };
}

/** How many steps of a plan are done: the service stands as the last of them says, or on the way from there to the next. */
export function stepsDone(plan: Plan, state: RolloutState): number {
  return (
    plan.steps.findLastIndex((step, at) => {
      const next = plan.steps[at + 1];
      const onTheWay = next === undefined ? [] : movesBetween(step.state, next.state).slice(0, -1);
      return [step.state, ...onTheWay].some((wanted) => isLike(wanted, state));
    }) + 1
  );
}

function isLike(wanted: RolloutState, state: RolloutState): boolean {
  return (
    wanted.active === state.active &&
    wanted.to === state.to &&
    Object.entries(wanted.slots).every(([name, slot]) => {
      const is = state.slots[name];
      const isSame = is?.replicas === slot.replicas && is.weight === slot.weight;
      return isSame && (slot.replicas === 0 || is.tag === slot.tag);
    })
  );
}

/**
 * The states between two, in an order that never takes a pod away which is needed: first what is more, then the traffic, then what is
 * less. States that change nothing are left out.
 */
export function movesBetween(now: RolloutState, wanted: RolloutState): RolloutState[] {
  const names = Object.keys(wanted.slots);
  const more: RolloutState = {
    ...now,
    // It is under way until the last of what is less is gone.
    to: wanted.to === "" ? now.to : wanted.to,
    slots: perSlot(names, (name) => {
      const [is, will] = [now.slots[name] ?? none, slotOf(wanted, name)];
      return { tag: will.tag, replicas: Math.max(is.replicas, will.replicas), weight: is.weight };
    }),
  };
  const traffic: RolloutState = {
    ...more,
    active: wanted.active,
    slots: perSlot(names, (name) => ({ ...slotOf(more, name), weight: slotOf(wanted, name).weight })),
  };
  const moves = [more, traffic, { ...wanted, strategy: now.strategy }];
  return moves.filter((move, index) => !isSame(move, index === 0 ? now : (moves[index - 1] ?? now)));
}

const none: Slot = { tag: "", replicas: 0, weight: 0 };

function perSlot(names: readonly string[], make: (name: string) => Slot): { [name: string]: Slot } {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function isSame(one: RolloutState, other: RolloutState): boolean {
  return (
    one.active === other.active &&
    one.to === other.to &&
    Object.entries(one.slots).every(([name, slot]) => {
      const is = other.slots[name];
      return is?.tag === slot.tag && is.replicas === slot.replicas && is.weight === slot.weight;
    })
  );
}

export function slotOf(state: RolloutState, name: string): Slot {
  return state.slots[name] ?? none;
}

function counted(replicas: number): string {
  return `${replicas} replica${replicas === 1 ? "" : "s"}`;
}
