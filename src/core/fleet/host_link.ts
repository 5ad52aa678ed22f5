// What a fleet needs of an open host, whichever process holds its connection: this
// one (link.ts), or a session (core/session/).
import type { Gate } from "../../gate/open/open_gate.ts";
import type { Channel } from "../../protocol/channel.ts";
import type { Reply } from "../../protocol/message.ts";
import type {
  AskPassword,
  SshOptions,
} from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { HostRoute } from "../route/host_endpoint.ts";
import { ConnectError, type Phase } from "../../errors.ts";
import type { Become } from "../become/become.ts";
import type { ShellConnection } from "../shell/start_shell.ts";
import type { Store } from "../../store/store.ts";
import type { PreparedPack } from "./provision.ts";
import type { Window } from "./window.ts";

/**
 * Called with each phase when it starts, and undefined when the last has ended; later
 * where another process has told it.
 */
export type PhaseListener = (phase: Phase | undefined, agoMs?: number) => void;

/** A gate that is being opened or is open. */
export interface LinkedGate {
  /** Accepts calls at once; they fail when the opening fails. */
  readonly channel: Pick<Channel, "call" | "pending" | "closed">;
  readonly opened: Promise<Pick<Gate, "hello">>;
  readonly isOpen: boolean;
  /**
   * Settles when the host gets bytes, so that a call that is made may run, or the
   * opening has failed. Never rejects.
   */
  readonly sending: Promise<void>;
  /** Whether the host gets bytes: a gate need not be open for that. */
  readonly isSending: boolean;
  /** The hashes of the packs that the gate has, or that were sent to it. */
  readonly packs: Set<string>;
  /** Sends a pack before the next call; resolves to the gate's reply. */
  sendPack(pack: Pick<PreparedPack, "id" | "data">): Promise<Reply>;
}

/** One user on one host: a connection, and a gate once a call needs one. */
export interface HostAccount {
  /** Whether nothing of ours is put on the host's disks. */
  readonly inMemory: boolean;
  /** The gate; undefined unless it is open. */
  readonly gateIfOpen: LinkedGate | undefined;
  /** @throws {ConnectError} when the host cannot be reached. */
  connection(signal: AbortSignal): Promise<ShellConnection>;
  /**
   * The gate. It is opened on first use, and again after a loss.
   *
   * @throws {ConnectError} when the host cannot be reached.
   */
  gate(signal: AbortSignal): Promise<LinkedGate>;
  /** Drops a gate that does not answer. The connection stays open. */
  dropGate(gate: LinkedGate, reason: Error): void;
}

/** The error of what still waits for a closed link; made once, because that is slow. */
export const LINK_CLOSED = new ConnectError(
  "Cannot use the host: its link was closed",
  { phase: "connect" },
);

/** How a link is closed. */
export interface CloseOptions {
  /** Whether the host must be reached again, also where others share its link. */
  reopen: boolean;
}

/** The open state of one host. It ends once; the next use makes a new link. */
export interface HostLink {
  /** Whether it was lost or closed. */
  readonly isOver: boolean;
  /** How many commands and calls it has started; undefined until it is connected. */
  readonly starts: number | undefined;
  /** Whether the process that held it for this run was lost. */
  readonly isAbandoned: boolean;
  /** All bytes written to gates on this link. */
  readonly bytesSent: number;
  /** The number of times that the archive was sent. */
  readonly gatesSent: number;
  /** The number of packs that were sent. */
  readonly packsSent: number;
  /** The account of a become user. Default: that of the login user. */
  account(become?: Become): HostAccount;
  /** Starts a use of the link; `leave` must follow. */
  join(onPhase: PhaseListener): void;
  /** Ends a use. After the last use, the link gives way to others, or closes. */
  leave(onPhase: PhaseListener, options: { keepOpen: boolean }): void;
  /** Ends the use of the host. May be called twice. */
  close(options?: CloseOptions): Promise<void>;
}

/** What a fleet gives to a link. */
export interface LinkPart {
  readonly archive: () => Promise<
    { readonly id: string; readonly bytes: Uint8Array }
  >;
  /** How many more times an unreachable host is tried. */
  readonly retries: number;
  readonly linkLoss: "kill" | "finish";
  /** The slots of the fleet. */
  readonly window: Window;
  /** What hosts keep on disk. Default: nothing is remembered. */
  readonly store?: Store | undefined;
}

/** How a fleet answers the questions that come up while a host is opened. */
export interface SourceAnswers {
  readonly ssh: Partial<SshOptions>;
  /** Knows the hosts of the fleet by the identity of their endpoints. */
  readonly password: AskPassword;
  /** The endpoint of a host of the fleet. */
  readonly endpointOf: (host: string) => Endpoint;
  /** Whether a password may be sent to a host, or a bastion before it. */
  readonly mayNeedPassword: (route: HostRoute) => boolean;
  /** Texts to mask; every password is added to it before it is used. */
  readonly secrets: Set<string>;
  /** Reports that the system's `ssh` connects to a host. */
  readonly onFallback: (host: string, reason: string) => void;
  /** What hosts keep on disk. Default: nothing is remembered. */
  readonly store?: Store | undefined;
}

/** Other processes that keep hosts open for a fleet: sessions, or workers. */
export interface LinkSource {
  /** How many processes connect to hosts there, at most. */
  readonly processes: number;
  /** Answers questions from now on. */
  serve(answers: SourceAnswers): void;
  /** Finds out which hosts are open there. Contacts no host. */
  find(
    routes: readonly HostRoute[],
    linkLoss: "kill" | "finish",
  ): Promise<void>;
  /** A link to a host; undefined where this process must connect by itself. */
  link(route: HostRoute, part: LinkPart): HostLink | undefined;
  /** Lets go of everything. */
  close(): Promise<void>;
}
