import { StartError } from "./start-error.ts";

export interface WantedPort {
  readonly host: string;
  readonly port: number;
  /** The setting that names it. */
  readonly setting: string;
}

/** Why a port could not be opened, and what to do about it, for whoever starts the program. */
export function portFault({ host, port, setting }: WantedPort, error: unknown): StartError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const faults: { readonly [code: string]: string } = {
    EADDRINUSE: `another program uses it. Stop that program, or set ${setting} to a free port.`,
    EACCES: `this user may not open it. Set ${setting} to a port from 1024 on.`,
    EADDRNOTAVAIL: `this machine has no such address. Set HOST to one of its own, such as 127.0.0.1 or 0.0.0.0.`,
    ENOTFOUND: `there is no host of this name. Set HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
    EAI_AGAIN: `the name of the host cannot be looked up. Set HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
  };
  const why = faults[code] ?? `${message}.`;
  const what = setting === "GRPC_PORT" ? `Port ${port} for gRPC` : `Port ${port}`;
  return new StartError(`${what} cannot be opened on ${host}: ${why}`, { cause: error });
}
