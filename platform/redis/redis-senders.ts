// The three kinds of client that the library has, behind one shape. Loaded only where there is a Redis.
import {
  createClient,
  createCluster,
  createSentinel,
  type RedisClientOptions,
  type RedisClientType,
} from "@redis/client";
import type { RedisPlace } from "./redis-url.ts";
import { RedisFault } from "./redis-fault.ts";
import type { RedisSender } from "./redis.ts";

export interface SenderOptions {
  readonly place: RedisPlace;
  readonly name: string;
  readonly connections: number;
  readonly ca: string | undefined;
  readonly connectTimeoutMs: number;
  readonly waitingMax: number;
  /** How long to wait before the next try to connect. */
  readonly retryMs: (tries: number) => number;
  readonly onError: (error: unknown) => void;
  readonly onReady: () => void;
}

type Client = RedisClientType<{}, {}, {}, 3, {}>;

/** An idle connection says so; one that says nothing for three times as long is dropped and made anew. */
const pingEveryMs = 2_000;
const silenceMaxMs = 6_000;
/** A failover is noticed by the Sentinels' own messages; this is for those that were missed. */
const lookEveryMs = 2_000;

/** Connects in the background, and again whenever the connection is lost. */
export function openSender(options: SenderOptions): RedisSender {
  if (options.place.mode === "cluster") return clusterSender(options);
  return options.place.mode === "sentinel" ? sentinelSender(options) : singleSender(options);
}

function clientOptions({ place, ...options }: SenderOptions) {
  const { username, password, database, isEncrypted } = place;
  const common = {
    connectTimeout: options.connectTimeoutMs,
    socketTimeout: silenceMaxMs,
    reconnectStrategy: options.retryMs,
    noDelay: true,
  };
  const ca = options.ca === undefined ? {} : { ca: options.ca };
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== 0 && { database }),
    name: options.name,
    socket: isEncrypted ? { ...common, ...ca, tls: true as const } : common,
    pingInterval: pingEveryMs,
    commandsQueueMaxLength: options.waitingMax,
    // Nothing waits for a server that is away: whoever asks is told at once.
    disableOfflineQueue: true,
    maintNotifications: "disabled" as const,
  };
}

function singleSender(options: SenderOptions): RedisSender {
  const [node] = options.place.nodes;
  const own = clientOptions(options);
  const clients = Array.from({ length: options.connections }, () => {
    const socket = { ...own.socket, ...node } as RedisClientOptions["socket"];
    const client = createClient({ ...own, socket } as RedisClientOptions) as unknown as Client;
    client.on("error", options.onError);
    client.on("ready", options.onReady);
    client.connect().catch(options.onError);
    return client;
  });
  let turn = 0;
  /** Those that are connected take turns. */
  const next = () => {
    for (let tries = 0; tries < clients.length; tries += 1) {
      turn = (turn + 1) % clients.length;
      const client = clients[turn];
      if (client?.isReady) return client;
    }
    throw new RedisFault("away");
  };
  return {
    send: async (_key, args) => await next().sendCommand([...args]),
    servers: async () => await Promise.resolve([async (args) => await next().sendCommand([...args])]),
    close: () => clients.forEach((client) => client.destroy()),
  };
}

function sentinelSender(options: SenderOptions): RedisSender {
  const { place } = options;
  const own = clientOptions(options);
  const {
    username: _username,
    password: _password,
    database: _database,
    ...bare
  } = own as typeof own & {
    username?: string;
    password?: string;
    database?: number;
  };
  const { sentinelUsername: username, sentinelPassword: password } = place;
  const open = () => {
    const sentinel = createSentinel({
      name: place.masterName,
      sentinelRootNodes: [...place.nodes],
      nodeClientOptions: own,
      sentinelClientOptions: {
        ...bare,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      },
      masterPoolSize: options.connections,
      replicaPoolSize: 0,
      scanInterval: lookEveryMs,
      // A command that a change of masters caught is refused, not sent twice.
      maxCommandRediscovers: 0,
      passthroughClientErrorEvents: false,
    });
    sentinel.on("error", options.onError);
    sentinel.on("client-error", ({ error }: { error: unknown }) => options.onError(error));
    return sentinel;
  };
  const opened = keepOpening(open, (sentinel) => void sentinel.destroy(), options);
  const send = async (args: readonly string[]) => {
    const sentinel = opened.get();
    // While a new master is looked for, the client would keep commands and send them later.
    if (!sentinel.isReady) throw new RedisFault("away");
    return await sentinel.sendCommand(false, [...args]);
  };
  return {
    send: async (_key, args) => await send(args),
    servers: async () => await Promise.resolve([send]),
    close: () => opened.close(),
  };
}

function clusterSender(options: SenderOptions): RedisSender {
  const own = clientOptions(options);
  const open = () => {
    const cluster = createCluster({
      rootNodes: options.place.nodes.map((node) => ({ ...own, socket: { ...own.socket, ...node } })),
      defaults: own,
      maxCommandRedirections: 3,
      topologyRefreshOnReconnectionAttemptStrategy: 1_000,
    });
    cluster.on("error", options.onError);
    return cluster;
  };
  const opened = keepOpening(open, (cluster) => cluster.destroy(), options);
  return {
    send: async (key, args) => await opened.get().sendCommand(key, false, [...args]),
    servers: async () => {
      const cluster = opened.get();
      const nodes = await Promise.all(cluster.masters.map(async (node) => await cluster.nodeClient(node)));
      return nodes.map((node) => async (args) => await node.sendCommand([...args]));
    },
    close: () => opened.close(),
  };
}

/** Sentinels and clusters give up when nobody they know answers; they are opened anew until somebody does. */
function keepOpening<T extends { connect(): Promise<unknown> }>(
  open: () => T,
  destroy: (opened: T) => void,
  { retryMs, onError, onReady }: SenderOptions,
): { get(): T; close(): void } {
  let ready: T | undefined;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (tries: number) => {
    const opened = open();
    try {
      await opened.connect();
      if (isClosed) return destroy(opened);
      ready = opened;
      onReady();
    } catch (error) {
      onError(error);
      destroyQuietly(opened, destroy);
      if (!isClosed) timer = setTimeout(() => void attempt(tries + 1), retryMs(tries)).unref();
    }
  };
  void attempt(0);
  return {
    get: () => {
      if (!ready) throw new RedisFault("away");
      return ready;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      if (ready) destroy(ready);
      ready = undefined;
    },
  };
}

/** What could not be opened is perhaps not to be closed either. */
function destroyQuietly<T>(opened: T, destroy: (opened: T) => void): void {
  try {
    destroy(opened);
  } catch {
    // It is closed already.
  }
}
