// Walks a plan: makes each step so, waits until it is ready, judges it, and takes a bad version back by itself.
import type { Clock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { Driver, Health, Standing, Version } from "./driver.ts";
import { nothing, type Figures } from "./figures.ts";
import { describe, judge, usualLimits, type Limits, type Verdict } from "./judge.ts";
import type { Observer } from "./observe.ts";
import { backOf, movesBetween, otherSlot, planOf, slotOf, stepsDone, type Plan, type Step } from "./plan.ts";

export interface Timing {
  /** How long a step must look well before the next one. */
  readonly observeMs: number;
  /** How long a step may go on without enough requests to judge it. */
  readonly patienceMs: number;
  /** Between two looks. */
  readonly everyMs: number;
  /** How long processes may take to be ready, where nothing says that they never will be. */
  readonly readyMs: number;
  /** What whoever sends the traffic takes to notice a change. */
  readonly settleMs: number;
}

export const usualTiming: Timing = {
  observeMs: 60_000,
  patienceMs: 300_000,
  everyMs: 3_000,
  readyMs: 300_000,
  settleMs: 5_000,
};

export interface Rollout {
  readonly driver: Driver;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly print: (line: string) => void;
  /** The words that take it back, for whoever reads along. */
  readonly wordsBack: string;
  readonly timing?: Timing;
  readonly limits?: Limits;
  /** Ends after each step that is judged, for a person to say `promote`. */
  readonly isPausing?: boolean;
  /** Where no requests come, a step may go on without figures. */
  readonly isWithoutProof?: boolean;
}

/** What a bad version has shown. */
class BadVersion extends Error {}

/** The old version's figures while it still had traffic: later the new one is held to them. */
interface Baseline {
  figures: Figures;
}

/**
 * Brings the service to the version `tag`. Goes on where a rollout to the same version was left; refuses while another one is under way.
 * A version that turns out bad is taken back, and that is an error that says so.
 */
export async function rollOut(rollout: Rollout, tag: string): Promise<void> {
  const { driver, print } = rollout;
  const standing = await driver.read();
  const plan = await planTowards(driver, standing, tag);
  if (plan === undefined) return print(`${driver.service} runs ${tag} already.`);
  const done = stepsDone(plan, standing.state);
  if (done > 0) print(`${driver.service} is at step ${done} of ${plan.steps.length}; it goes on from there.`);
  const baseline: Baseline = { figures: nothing };
  const before = (await oldTag(driver, plan, standing, tag)) ?? tag;
  try {
    await walk(rollout, plan, { standing, done, before, tag, baseline });
  } catch (error) {
    if (!(error instanceof BadVersion)) throw error;
    print(`${driver.service}: ${error.message}`);
    await restore(rollout, plan.from, before, standing);
    throw new StartError(`${driver.service} ${tag} was taken back by itself. ${error.message}`);
  }
}

/** What runs beside the new version, or did until now. */
async function oldTag(
  driver: Driver,
  plan: Plan,
  { state }: Standing,
  tag: string,
): Promise<string | undefined> {
  const is = slotOf(state, plan.from).tag;
  return plan.strategy === "rolling" && is === tag ? await driver.findPrevious() : is;
}

/** The way that is left to the version; undefined when there is none. */
async function planTowards(
  driver: Driver,
  { state, replicas }: Standing,
  tag: string,
): Promise<Plan | undefined> {
  const { service } = driver;
  if (state.to === "" && slotOf(state, state.active).tag === tag) {
    // A rolling update that was left alone goes on by itself, but nobody judges it.
    const isRolling = state.strategy === "rolling" && !isWell(await driver.health({ slot: "", tag }));
    return isRolling ? planOf(state, tag, replicas) : undefined;
  }
  const under = slotOf(state, state.to).tag;
  if (state.to !== "" && under !== tag)
    throw new StartError(
      `A rollout of ${service} to ${under} is under way. End it first: stoa rollout promote ${service}, or stoa rollout back ${service}.`,
    );
  return planOf(state, tag, replicas);
}

function isWell({ wanted, ready, fault }: Health): boolean {
  return fault === undefined && ready >= wanted;
}

interface Walk {
  readonly standing: Standing;
  readonly done: number;
  readonly before: string;
  readonly tag: string;
  readonly baseline: Baseline;
}

async function walk(
  rollout: Rollout,
  plan: Plan,
  { standing, done, before, tag, baseline }: Walk,
): Promise<void> {
  const { driver, print, isPausing } = rollout;
  const old: Version = { slot: plan.from, tag: before };
  const fresh: Version = { slot: plan.to, tag };
  const pair = { old, fresh, baseline };
  const count = plan.steps.length;
  // A step that was made but perhaps not judged is judged again.
  for (let at = Math.max(0, done - 1); at < count; at += 1) {
    const step = plan.steps[at];
    if (step === undefined) break;
    requireGoing(rollout);
    const name = `${driver.service}: step ${at + 1} of ${count}`;
    if (at >= done) {
      print(`${name}: ${step.title}`);
      await reach(rollout, step, pair, standing.replicas);
    }
    if (step.proof === "preview") await provePreview(rollout, pair);
    if (step.proof === "figures") await proveFigures(rollout, pair);
    if (at < done) continue;
    print(`${name} is done. ${at + 1 < count ? "Back" : "Back to what was before"}: ${rollout.wordsBack}`);
    if (isPausing && at + 1 < count)
      return print(`It waits here. On: stoa rollout promote ${driver.service}`);
  }
  print(`${driver.service} runs ${tag}.`);
}

interface Pair {
  readonly old: Version;
  readonly fresh: Version;
  readonly baseline: Baseline;
}

/** Makes the service stand as the step says. */
async function reach(rollout: Rollout, step: Step, pair: Pair, replicas: number): Promise<void> {
  const { driver, observer, clock, stop } = rollout;
  const { state } = await driver.read();
  const moves = movesBetween(state, step.state);
  const isRolling = state.strategy === "rolling";
  if (isRolling) await lookBefore(rollout, pair);
  for (const [index, move] of moves.entries()) {
    await driver.apply(move, replicas, `rollout of ${driver.service}: ${step.title}`);
    // In its turns a rolling update has traffic from the first pod on: it is judged while it goes.
    if (!isRolling && slotOf(move, pair.fresh.slot).replicas > 0) await untilReady(rollout, pair.fresh);
    if (index + 1 < moves.length) await clock.sleep(timingOf(rollout).settleMs, stop);
  }
  if (step.proof === "figures") await Promise.all([observer.begin(pair.fresh), observer.begin(pair.old)]);
}

/** What the old version answers while it still has all the traffic. */
async function lookBefore({ observer, clock, stop, ...rollout }: Rollout, pair: Pair): Promise<void> {
  const timing = timingOf(rollout);
  await observer.begin(pair.old);
  const untilMs = clock.monotonicMs() + Math.min(10_000, timing.observeMs);
  while (clock.monotonicMs() < untilMs) {
    await clock.sleep(Math.min(timing.everyMs, 2_000), stop);
    pair.baseline.figures = (await observer.look(pair.old)).whole;
    if (pair.baseline.figures.requests >= 1_000) break;
  }
  rollout.print(`  the old version answers: ${describe(pair.baseline.figures)}`);
}

async function untilReady(rollout: Rollout, version: Version): Promise<void> {
  const { driver, clock, stop } = rollout;
  const untilMs = clock.monotonicMs() + timingOf(rollout).readyMs;
  for (;;) {
    const { wanted, ready, fault } = await driver.health(version);
    if (fault !== undefined) throw new BadVersion(fault);
    if (wanted > 0 && ready >= wanted) return;
    if (clock.monotonicMs() > untilMs)
      throw new BadVersion(notReady({ wanted, ready }, version, timingOf(rollout)));
    await clock.sleep(500, stop);
  }
}

function notReady({ wanted, ready }: Health, { tag }: Version, { readyMs }: Timing): string {
  return `${ready} of ${wanted} processes of ${tag} are ready, and no more came to be in ${readyMs / 1000} s.`;
}

async function provePreview(rollout: Rollout, pair: Pair): Promise<void> {
  const fault = await rollout.driver.tryOut(pair.fresh);
  if (fault !== undefined) throw new BadVersion(fault);
  rollout.print("  the preview answers as it should");
  await lookBefore(rollout, pair);
}

/** Looks at both versions until the new one has been well for long enough. */
async function proveFigures(rollout: Rollout, pair: Pair): Promise<void> {
  const { driver, clock, stop, print, limits = usualLimits } = rollout;
  const timing = timingOf(rollout);
  const beganMs = clock.monotonicMs();
  let saidMs = beganMs;
  let bad = 0;
  for (;;) {
    await clock.sleep(timing.everyMs, stop);
    const health = await driver.health(pair.fresh);
    if (health.fault !== undefined) throw new BadVersion(health.fault);
    const { recent, whole } = await look(rollout, pair);
    const now = judge(recent.fresh, recent.old, limits);
    // Slow once may be a process that has just started; twice in a row it is not.
    bad = now.kind === "bad" ? bad + 1 : 0;
    if (bad >= 2) throw new BadVersion(now.sentence);
    const tookMs = clock.monotonicMs() - beganMs;
    if (!isWell(health)) {
      if (tookMs > timing.readyMs) throw new BadVersion(notReady(health, pair.fresh, timing));
      continue;
    }
    const all = judge(whole.fresh, whole.old, limits);
    if (tookMs >= timing.observeMs && bad === 0 && all.kind === "good") return print(`  ${all.sentence}`);
    if (tookMs >= timing.observeMs && endsUndecided(rollout, all, tookMs)) return;
    if (clock.monotonicMs() - saidMs < 15_000) continue;
    saidMs = clock.monotonicMs();
    print(`  new: ${describe(recent.fresh)}; old: ${describe(recent.old)}`);
  }
}

/** Whether a step that nothing can be said about is gone past all the same. */
function endsUndecided(rollout: Rollout, { sentence }: Verdict, tookMs: number): boolean {
  if (rollout.isWithoutProof) {
    rollout.print(`  ${sentence} It goes on without proof, as it was told to.`);
    return true;
  }
  if (tookMs < timingOf(rollout).patienceMs) return false;
  const { service } = rollout.driver;
  throw new StartError(
    `${service} stays where it is, neither promoted nor taken back. ${sentence} On all the same: stoa rollout promote ${service} --without-proof; back: ${rollout.wordsBack}.`,
  );
}

async function look({ observer }: Rollout, { fresh, old, baseline }: Pair) {
  const [now, before] = [await observer.look(fresh), await observer.look(old)];
  // Once the old version has no traffic, what is left of it says nothing: what it did before stands for it.
  const orBaseline = (figures: Figures, beside: Figures) =>
    figures.requests >= Math.max(20, beside.requests / 10) ? figures : baseline.figures;
  const pair = {
    recent: { fresh: now.recent, old: orBaseline(before.recent, now.recent) },
    whole: { fresh: now.whole, old: orBaseline(before.whole, now.whole) },
  };
  if (pair.whole.old === before.whole) baseline.figures = before.whole;
  return pair;
}

/** Takes the service back to what ran before the rollout that is under way, or before the last one. */
export async function takeBack(rollout: Rollout): Promise<void> {
  const { driver } = rollout;
  const standing = await driver.read();
  const { state } = standing;
  const active = slotOf(state, state.active);
  if (state.strategy === "rolling") {
    const previous = await driver.findPrevious();
    if (previous === undefined)
      throw new StartError(`Nothing remembers a version of ${driver.service} before ${active.tag}.`);
    return await restore(rollout, "", previous, standing);
  }
  const from = otherSlot(state.strategy, state.to === "" ? state.active : state.to);
  if (slotOf(state, from).tag === "")
    throw new StartError(`${driver.service} has run no other version than ${active.tag}.`);
  await restore(rollout, from, slotOf(state, from).tag, standing);
}

/** Gives the traffic to the old version and ends the new one. */
async function restore(rollout: Rollout, from: string, tag: string, standing: Standing): Promise<void> {
  const { driver, print, clock } = rollout;
  const beganMs = clock.monotonicMs();
  const { state } = await driver.read();
  const back = backOf(state, from, standing.replicas);
  const wanted = { ...back, slots: { ...back.slots, [from]: { ...slotOf(back, from), tag } } };
  const old: Version = { slot: from, tag };
  const why = `rollout of ${driver.service}: back to ${tag}`;
  const { ready } = await driver.health(old);
  // With old processes at hand their traffic comes first; without, they do.
  const moves = ready > 0 ? [wanted] : movesBetween(state, wanted);
  for (const move of moves) {
    await driver.apply(move, standing.replicas, why);
    if (slotOf(move, from).replicas > 0) await untilReady(rollout, old);
  }
  const seconds = Math.round((clock.monotonicMs() - beganMs) / 1000);
  print(`${driver.service} is back at ${tag}, after ${seconds} s.`);
}

/** Goes on with the rollout that is under way: one step, or all that are left. */
export async function promote(rollout: Rollout): Promise<void> {
  const { state } = await rollout.driver.read();
  if (state.to === "") throw new StartError(`No rollout of ${rollout.driver.service} is under way.`);
  await rollOut(rollout, slotOf(state, state.to).tag);
}

function requireGoing({ stop, driver, wordsBack }: Rollout): void {
  if (stop.aborted)
    throw new StartError(`The rollout of ${driver.service} stopped where it is. Back: ${wordsBack}.`);
}

function timingOf({ timing = usualTiming }: Pick<Rollout, "timing">): Timing {
  return timing;
}
