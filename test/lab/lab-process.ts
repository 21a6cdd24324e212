// The outside of a service process: starts it, starts it again when it died, tells it where to die.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

export type LabOrder = { readonly id: number } & (
  | { readonly kind: "arm"; readonly point: string; readonly hit: number; readonly fate: Fate }
  | { readonly kind: "disarm" }
  | { readonly kind: "settle" }
  | { readonly kind: "record"; readonly isOn: boolean }
);

/** What befalls a process at a failpoint: its end, or a stop until it is woken. */
export type Fate = "dies" | "stalls";

type LabOrderBody = LabOrder extends infer Order
  ? Order extends LabOrder
    ? Omit<Order, "id">
    : never
  : never;

interface LabMessage {
  readonly ready?: number;
  /** The process is about to stop itself at the point it was armed with. */
  readonly stalling?: boolean;
  readonly done?: number;
  readonly reached?: string;
}

export interface DeathPlan {
  readonly point: string;
  /** It happens when the point is reached for the nth time; the first is 1. */
  readonly hit: number;
  readonly fate?: Fate;
}

/** One process of the shop, kept alive; `deaths` counts how often it was killed. */
export class LabProcess {
  readonly name: string;
  readonly #services: readonly string[];
  readonly #environment: Record<string, string>;
  readonly #reached: string[] = [];
  readonly #plans: DeathPlan[] = [];
  #child: ChildProcess | undefined;
  #ready: Promise<void> = Promise.resolve();
  #isEnding = false;
  #orderId = 0;
  deaths = 0;
  isStalled = false;

  constructor(name: string, services: readonly string[], environment: Record<string, string>) {
    this.name = name;
    this.#services = services;
    this.#environment = environment;
  }

  async start(): Promise<void> {
    const program = new URL("./service-process.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [program, ...this.#services], {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    child.on("message", (message: LabMessage) => {
      if (message.reached) this.#reached.push(message.reached);
      if (message.stalling) this.isStalled = true;
    });
    child.once("exit", () => {
      if (this.#isEnding || this.#child !== child) return;
      this.deaths += 1;
      this.#ready = this.start();
      this.#ready.catch(() => undefined);
    });
    this.#ready = untilMessage(child, ({ ready }) => ready !== undefined);
    await this.#ready;
    const next = this.#plans.shift();
    if (next) await this.#tell(armed(next));
  }

  /** Resolves when the process answers calls. */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** The first plan holds for the running process, the next for the one that is started after its death, and so on. */
  async arm(plans: readonly DeathPlan[]): Promise<void> {
    await this.ready();
    const [first, ...later] = plans;
    this.#plans.splice(0, this.#plans.length, ...later);
    if (first) await this.#tell(armed(first));
    // Work that goes on by itself may meet its death just now; whoever takes its place has no plan.
    else await this.#tell({ kind: "disarm" }).catch(() => this.ready());
  }

  /** The failpoints `work` passes, in order. */
  async record(work: () => Promise<void>): Promise<string[]> {
    await this.#tell({ kind: "record", isOn: true });
    this.#reached.length = 0;
    await work();
    await this.#tell({ kind: "record", isOn: false });
    return [...this.#reached];
  }

  /** Lets a process that has stalled go on where it stopped. */
  wake(): void {
    this.#child?.kill("SIGCONT");
    this.isStalled = false;
  }

  /** Resolves when no purchase is under way in the process any more. */
  async settled(): Promise<void> {
    await this.#tell({ kind: "settle" });
  }

  /** SIGKILL from outside, now. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async #tell(order: LabOrderBody): Promise<void> {
    const child = this.#child;
    if (!child?.connected) return;
    this.#orderId += 1;
    const id = this.#orderId;
    const answered = untilMessage(child, ({ done }) => done === id);
    child.send({ ...order, id });
    await answered;
  }
}

function armed({ point, hit, fate = "dies" }: DeathPlan): LabOrderBody {
  return { kind: "arm", point, hit, fate };
}

/** Waits for a message, or fails when the process ends first. */
function untilMessage(child: ChildProcess, isWanted: (message: LabMessage) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: LabMessage) => {
      if (!isWanted(message)) return;
      stop();
      resolve();
    };
    const onExit = () => {
      stop();
      reject(new Error("A service process ended before it answered."));
    };
    const stop = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
