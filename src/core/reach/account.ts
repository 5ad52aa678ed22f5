// One user of one host: a connection on which commands run as that user, and at
// need the gate on it. The user who logged in has one, and each user that is
// become has another, on the same connection.
import { ConnectError, type Phase } from "../../errors.ts";
import { Deadline } from "../../async/deadline.ts";
import { type Gate, openGate } from "../../gate/open.ts";
import type { Budget } from "../../protocol/budget.ts";
import type { Channel } from "../../protocol/channel.ts";
import type { Connection } from "../../transport/transport.ts";

/** What an account is made of. */
export interface AccountOptions {
  /** Of the host, in the inventory. */
  host: string;
  python: string | undefined;
  /** Where commands run as the user. */
  connection: Promise<Connection>;
  /** The archive that becomes the gate. */
  archive: () => Promise<{ readonly id: string; readonly bytes: Uint8Array }>;
  budget: Budget;
  linkLoss: "kill" | "finish";
  /** What the user's folder is believed to hold. */
  hinted: () => ReadonlySet<string>;
  /** Told what it has been found to keep. */
  onKept: (ids: Iterable<string>) => void;
  onPhase: PhaseListener;
  /** Ends what is being opened. */
  signal: AbortSignal;
}

/** A gate from the moment that it is being opened. */
export interface LinkedGate {
  /** Takes calls at once; they fail when the opening does. */
  readonly channel: Channel;
  readonly opened: Promise<Gate>;
  readonly isOpen: boolean;
  /** The hashes of packs that the gate has, or that are on their way to it. */
  readonly packs: Set<string>;
  /** Told what the gate has been found to keep on disk. */
  readonly onKept: (ids: Iterable<string>) => void;
}

/** Told each phase as it begins, and undefined when the last has ended. */
export type PhaseListener = (phase: Phase | undefined) => void;

/** One user of one host. */
export class Account {
  readonly #options: AccountOptions;
  #gate: LinkedGate | undefined;
  #gatesSent = 0;
  /** Of gates that are gone, and of the one that is open. */
  #bytesSent = () => 0;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** The gate, when one is open. */
  get gateIfOpen(): LinkedGate | undefined {
    return this.#gate?.isOpen ? this.#gate : undefined;
  }

  /** Whether its gate is on the way, but not there yet. */
  get isOpening(): boolean {
    return this.#gate?.isOpen === false;
  }

  /** All bytes written to its gates. */
  get bytesSent(): number {
    return this.#bytesSent();
  }

  /** How often the archive was sent. */
  get gatesSent(): number {
    return this.#gatesSent;
  }

  /** @throws {ConnectError} when the host cannot be reached. */
  async connection(signal: AbortSignal): Promise<Connection> {
    const deadline = new Deadline(signal);
    try {
      return await deadline.race(this.#options.connection);
    } finally {
      deadline.clear();
    }
  }

  /**
   * The gate, which is opened at its first use and when it was lost.
   *
   * @throws {ConnectError} when the host cannot be reached.
   */
  async gate(signal: AbortSignal): Promise<LinkedGate> {
    if (this.#gate?.isOpen) return this.#gate;
    const connection = await this.connection(signal);
    const archive = await this.#options.archive();
    return this.#gate ??= this.#openGate(connection, archive);
  }

  /** Gives up the gate, which does not answer; the connection stays. */
  dropGate(gate: LinkedGate, reason: Error): void {
    gate.channel.close(reason);
  }

  /** The connection is gone. */
  lose(cause: Error | undefined): void {
    const gate = this.#gate;
    if (gate === undefined) return;
    if (!(cause instanceof ConnectError)) return gate.channel.end(cause);
    gate.channel.close(
      gate.isOpen ? cause : new ConnectError(
        `${cause.message}, before the host was ready`,
        {
          phase: "start",
          host: cause.host,
          hint: "A call that was sent along may have taken effect",
          cause,
        },
      ),
    );
  }

  /** Ends the gate politely. */
  async close(): Promise<void> {
    try {
      const gate = await this.#gate?.opened;
      await gate?.close();
    } catch {
      // It never opened: whoever waited for it has been told why.
    }
  }

  #openGate(
    connection: Connection,
    archive: { readonly id: string; readonly bytes: Uint8Array },
  ): LinkedGate {
    const { host, python, hinted, onKept, onPhase, ...others } = this.#options;
    const had = hinted();
    let channel!: Channel;
    const opened = openGate(connection, {
      archive,
      hasArchive: had.has(archive.id),
      host,
      python,
      linkLoss: others.linkLoss,
      budget: others.budget,
      signal: others.signal,
      onPhase,
      // Called before openGate() first waits.
      onChannel: (made) => channel = made,
    });
    const gate = {
      channel,
      opened,
      isOpen: false,
      packs: new Set(had),
      onKept,
    };
    opened.then((open) => {
      onPhase(undefined);
      gate.isOpen = true;
      if (open.uploaded) this.#gatesSent++;
      const before = this.#bytesSent();
      this.#bytesSent = () => before + open.bytesSent;
      for (const id of open.hello.packs) gate.packs.add(id);
      // What runs from memory is gone tomorrow.
      if (open.hello.folder !== null) onKept([archive.id, ...open.hello.packs]);
    }, () => {
      // Its calls are told why; the next use opens another one.
      onPhase(undefined);
    });
    channel.closed.then(() => {
      if (this.#gate === gate) this.#gate = undefined;
    });
    return gate;
  }
}
