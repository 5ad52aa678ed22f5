// One user on one host: a connection on which commands run as that user, and its
// gate once a call needs one. The login user has an account, and each become user
// has another one on the same connection.
import { ConnectError, type InventoryError } from "../../errors.ts";
import { untilAbort } from "../../async/abort.ts";
import { type Gate, openGate } from "../../gate/open/open_gate.ts";
import type { Budget } from "../../protocol/reply_budget.ts";
import type { Channel } from "../../protocol/channel.ts";
import type { Connection } from "../../transport/transport.ts";
import type { HostAccount, LinkedGate, PhaseListener } from "./host_link.ts";
import { idleMemory } from "./idle_memory.ts";
import { keptIds } from "./kept_ids.ts";
import type { PreparedPack } from "./provision.ts";
import { checkPython } from "../route/host_python.ts";

/** The parts of an account. */
export interface AccountOptions {
  /** The host's name in the inventory. */
  host: string;
  /** An error: why no gate can be opened. */
  python: string | InventoryError | undefined;
  /** Runs commands as the user. */
  connection: Promise<Connection>;
  /** The archive that becomes the gate. */
  archive: () => Promise<{ readonly id: string; readonly bytes: Uint8Array }>;
  budget: Budget;
  linkLoss: "kill" | "finish";
  /** Whether nothing is put on the host's disks. */
  inMemory: boolean;
  /** The ids that the user's folder on the host held the last time. */
  hinted: () => ReadonlySet<string>;
  /**
   * Called with the ids that the host keeps on disk, the oldest first; see
   * `keptIds()`.
   */
  onKept: (ids: Iterable<string>) => void;
  onPhase: PhaseListener;
  /** The signal that stops an opening of the gate that begins now. */
  signal: () => AbortSignal;
}

/** A gate on a connection of this process. */
interface OwnGate extends LinkedGate {
  readonly channel: Channel;
  readonly opened: Promise<Gate>;
}

/** One user on one host, on a connection of this process. */
export class Account implements HostAccount {
  readonly #options: AccountOptions;
  #gate: OwnGate | undefined;
  #gatesSent = 0;
  #packsSent = 0;
  /** The bytes written to gates that have closed, and to the open one. */
  #bytesSent = () => 0;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** Whether nothing of ours is put on the host's disks. */
  get inMemory(): boolean {
    return this.#options.inMemory;
  }

  /** The gate; undefined unless it is open. */
  get gateIfOpen(): LinkedGate | undefined {
    return this.#gate?.isOpen ? this.#gate : undefined;
  }

  /** Whether its gate is being opened. */
  get isOpening(): boolean {
    return this.#gate?.isOpen === false;
  }

  /** All bytes written to its gates. */
  get bytesSent(): number {
    return this.#bytesSent();
  }

  /** The number of times that the archive was sent. */
  get gatesSent(): number {
    return this.#gatesSent;
  }

  /** The number of packs that were sent. */
  get packsSent(): number {
    return this.#packsSent;
  }

  /** @throws {ConnectError} when the host cannot be reached. */
  async connection(signal: AbortSignal): Promise<Connection> {
    return await untilAbort(this.#options.connection, signal);
  }

  /**
   * The gate. It is opened on first use, and again after a loss.
   *
   * @throws {ConnectError} when the host cannot be reached.
   */
  async gate(signal: AbortSignal): Promise<LinkedGate> {
    if (this.#gate?.isOpen) return this.#gate;
    const { host, python: named } = this.#options;
    const python = checkPython({ endpoint: { name: host }, python: named });
    const connection = await this.connection(signal);
    const archive = await this.#options.archive();
    return this.#gate ??= this.#openGate(connection, { archive, python });
  }

  /** Drops a gate that does not answer. The connection stays open. */
  dropGate(gate: LinkedGate, reason: Error): void {
    if (gate === this.#gate) this.#gate.channel.close(reason);
  }

  /** Reports that the connection was lost. */
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
          hint:
            "Check the host: a call that was already sent may have taken effect",
          cause,
        },
      ),
    );
  }

  /** Ends the gate after its last reply. */
  async close(): Promise<void> {
    try {
      const gate = await this.#gate?.opened;
      await gate?.close();
    } catch {
      // It never opened; its calls have the error.
    }
  }

  #openGate(
    connection: Connection,
    { archive, python }: {
      archive: { readonly id: string; readonly bytes: Uint8Array };
      python: string | undefined;
    },
  ): OwnGate {
    const { host, hinted, onKept, onPhase, ...others } = this.#options;
    const had = others.inMemory ? new Set<string>() : hinted();
    const sending = Promise.withResolvers<void>();
    let channel!: Channel;
    const opened = openGate(connection, {
      archive,
      hasArchive: had.has(archive.id),
      inMemory: others.inMemory,
      host,
      python,
      linkLoss: others.linkLoss,
      budget: others.budget,
      signal: others.signal(),
      onPhase,
      // Called before openGate() returns.
      onChannel: (made) => channel = made,
      onSend: () => {
        gate.isSending = true;
        sending.resolve();
      },
    });
    const gate = {
      channel,
      opened,
      isOpen: false,
      sending: sending.promise,
      isSending: false,
      packs: new Set(had),
      sendPack: async ({ id, data }: Pick<PreparedPack, "id" | "data">) => {
        gate.packs.add(id);
        this.#packsSent++;
        const message = { type: "Pack", data: { sha256: id, data } } as const;
        const reply = await channel.call(message);
        const { hello } = await opened;
        if (reply.type === "Stored" && hello.folder !== null) {
          onKept([id, archive.id]);
        }
        return reply;
      },
    };
    opened.then((open) => {
      gate.isOpen = true;
      onPhase(undefined);
      idleMemory.add(channel);
      if (open.uploaded) this.#gatesSent++;
      const before = this.#bytesSent();
      this.#bytesSent = () => before + open.bytesSent;
      const kept = keptIds(open.hello, {
        packs: gate.packs,
        archive: archive.id,
      });
      if (kept.length > 0) onKept(kept);
    }, () => {
      // Its calls have the error; the next use opens another gate.
      onPhase(undefined);
      sending.resolve();
    });
    channel.closed.then(() => {
      idleMemory.delete(channel);
      if (this.#gate === gate) this.#gate = undefined;
    });
    return gate;
  }
}
