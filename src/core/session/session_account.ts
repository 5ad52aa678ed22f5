// One user on a host that a session keeps open: commands on its connection, and
// its gate. The gate is shared with the session's other clients; calls are not.
import { checkPython } from "../route/host_python.ts";
import { ConnectError } from "../../errors.ts";
import type {
  ShellConnection,
  ShellOptions,
  StartedShell,
} from "../shell/start_shell.ts";
import type { Stream } from "../../transport/transport.ts";
import { type Become, becomeKey } from "../become/become.ts";
import type { HostAccount, LinkedGate } from "../fleet/host_link.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import type { SessionClient } from "./session_client.ts";
import { type GateHints, SessionGate } from "./session_gate.ts";
import type { PhaseData } from "./phase_log.ts";
import type { BecomeData, SentData } from "./session_messages.ts";
import { type CommandStart, startCommand } from "./session_stream.ts";

/** The parts of an account. */
export interface SessionAccountOptions {
  readonly client: SessionClient;
  readonly route: HostRoute;
  readonly become: Become | undefined;
  readonly archive: () => Promise<{ id: string; bytes: Uint8Array }>;
  /** The id of the link. */
  readonly link: number;
  /** Waits for the connection. */
  readonly connected: (
    signal: AbortSignal,
  ) => Promise<{ startMs?: number; distrust?: string }>;
  /**
   * Waits until a gate may be asked for: in a worker that is before the connection,
   * which then needs no further message.
   */
  readonly attached: (signal: AbortSignal) => Promise<unknown>;
  readonly closed: Promise<Error | undefined>;
  /** Called when a command or a call starts. */
  readonly onStart: () => void;
  readonly onPack: () => void;
  readonly onSent: (sent: SentData) => void;
  readonly onPhases: (phases: PhaseData) => void;
  /** What this process knows of the host; undefined where the session does. */
  readonly hints: GateHints | undefined;
  readonly close: () => void;
}

/** One user on one host, in a session. */
export class SessionAccount implements HostAccount {
  readonly #options: SessionAccountOptions;
  readonly #streams = new Set<Stream>();
  #gate: SessionGate | undefined;
  #lost = false;

  constructor(options: SessionAccountOptions) {
    this.#options = options;
  }

  /** The become user; undefined for the login user. */
  get become(): Become | undefined {
    return this.#options.become;
  }

  get inMemory(): boolean {
    return this.#options.route.inMemory;
  }

  get gateIfOpen(): LinkedGate | undefined {
    return this.#gate?.isOpen ? this.#gate : undefined;
  }

  async connection(signal: AbortSignal): Promise<ShellConnection> {
    const { link, closed, close } = this.#options;
    const { startMs, distrust } = await this.#options.connected(signal);
    const become = this.#becomeData();
    return {
      startMs,
      distrust,
      closed,
      close,
      exec: async (command, { signal, terminal = false }) => {
        const data = { link, become, command, terminal };
        return (await this.#start({ type: "Exec", data, signal })).stream;
      },
      // One that waits is the login user's.
      ...(become === null && {
        startShell: (options: ShellOptions) =>
          this.#start({ type: "Shell", data: { link }, ...options }),
      }),
    };
  }

  async #start(start: Omit<CommandStart, "host">): Promise<StartedShell> {
    const { client, route, onStart } = this.#options;
    const host = route.endpoint.name;
    if (this.#lost) throw connectionClosed(host);
    const started = await startCommand(client, { ...start, host });
    onStart();
    const { stream } = started;
    this.#streams.add(stream);
    stream.exit.then(() => this.#streams.delete(stream));
    return started;
  }

  async gate(signal: AbortSignal): Promise<LinkedGate> {
    if (this.#gate?.isUsable) return this.#gate;
    const { client, route, link, hints, ...told } = this.#options;
    const { onStart, onPack, onSent, onPhases } = told;
    checkPython(route);
    await this.#options.attached(signal);
    const archive = await this.#options.archive();
    if (!this.#gate?.isUsable) {
      this.#gate = new SessionGate(client, {
        ...{ link, archive, hints, onStart, onPack, onSent, onPhases },
        become: this.#becomeData(),
        host: route.endpoint.name,
      });
    }
    const gate = this.#gate;
    await gate.ready(signal);
    return gate;
  }

  dropGate(gate: LinkedGate): void {
    if (gate === this.#gate) this.#gate.drop();
  }

  /** The link has ended, and with it what runs on it for this client. */
  lose(error: Error): void {
    this.#lost = true;
    this.#gate?.lose(error);
    for (const stream of this.#streams) stream.close();
  }

  #becomeData(): BecomeData | null {
    const { become } = this.#options;
    if (become === undefined) return null;
    const { method, user, executable, flags, ask } = become;
    return { method, user, executable, flags, asks: ask !== undefined };
  }
}

/** The error for a command whose connection ended before it had started. */
export function connectionClosed(host: string): ConnectError {
  return new ConnectError(
    `Cannot start a command on ${host}: the connection is closed`,
    { phase: "start", host, mayPass: true },
  );
}

/** The key of a become user as data; the same as `becomeKey()` gives. */
export function becomeDataKey(become: BecomeData | null): string {
  return becomeKey(
    become === null
      ? undefined
      : { ...become, password: () => Promise.resolve(undefined) },
  );
}
