// What a sender tells a worker: the call, its modules by hash, and a chunk of hosts
// with their settings. Plain data; everything in it was rendered by the sender.
import type { ModuleKind } from "../../../gate/format/manifest.ts";
import type { JsonObject } from "../../../protocol/message.ts";
import type { Call } from "../../call/call.ts";
import type { PreparedModule } from "../../fleet/provision.ts";
import type { BecomeOverrides } from "../../become/become.ts";
import type { SentContent } from "../files/sent_content.ts";
import type { BeginLimit } from "./begin_limit.ts";

/** One message of the work queue. */
export interface SentChunk {
  readonly ftl: string;
  readonly build: string;
  readonly run: string;
  readonly chunk: number;
  /** The log of its hosts (log_plan.ts). */
  readonly log: number;
  /** Whether the run goes on without its sender. */
  readonly detached: boolean;
  /** Until when its hosts may begin. Default: as long as the queue keeps it. */
  readonly limit?: BeginLimit | undefined;
  /** The numbers of its hosts in the run. */
  readonly hosts: readonly number[];
  /** The call and the hosts. */
  readonly body?: SentBody;
  /** The same sealed for the keys of workers, in base64. */
  readonly sealed?: string;
}

/** What a chunk is about. */
export interface SentBody {
  readonly call: Call;
  readonly archive: string;
  readonly modules: readonly SentModule[];
  readonly settings: SentSettings;
  /** The files of the sender that all hosts get. */
  readonly files?: SentContent;
  readonly hosts: readonly SentHost[];
}

/** Settings for all hosts. */
export interface SentSettings {
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly python?: string | undefined;
  readonly inMemory?: boolean | undefined;
  readonly transport?: "ssh" | "openssh" | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly become: Pick<BecomeOverrides, "enabled" | "method" | "user">;
  /** The become password for all hosts. */
  readonly becomePassword?: string | undefined;
  /** The login password for all hosts. */
  readonly password?: string | undefined;
  readonly linkLoss: "kill" | "finish";
  readonly retries: number;
  readonly keepInvocation: boolean;
}

/** What the sender found out about a module; a worker has no folders of modules. */
export interface SentModule {
  /** As the call, or an action, names it. */
  readonly asked: string;
  readonly native: boolean;
  /** Where the module is; null when only its place was asked for. */
  readonly prepared: {
    readonly name: string;
    readonly kind: ModuleKind;
    /** The hash of its pack; null when the archive has it. */
    readonly pack: string | null;
    readonly secrets: PreparedModule["secrets"];
    readonly unmasked: PreparedModule["unmasked"];
  } | null;
  /** Undefined when it was not asked for, null when there is no such module. */
  readonly located?:
    | { fullName: string | undefined; hasAction: boolean }
    | null;
}

/** One host. */
export interface SentHost {
  /** Its number in the run. */
  readonly index: number;
  readonly name: string;
  /** Its connection variables, rendered. */
  readonly vars: Readonly<Record<string, string | number | boolean>>;
  /** Its arguments, where they differ from the call's. */
  readonly args?: JsonObject;
  /** The secrets in them, and in its files. */
  readonly secrets?: readonly string[];
  /** The files of the sender that it gets, where hosts differ. */
  readonly files?: SentContent;
}

/** Why a worker did not take a chunk. */
export interface RefusalNote {
  readonly worker: string;
  /** The process that refused. */
  readonly id: string;
  readonly why: string;
  /** Whether no other worker gets the chunk. */
  readonly isFinal: boolean;
  /** The number that its sender gave the chunk; absent when no allowed one did. */
  readonly chunk?: number;
  /** The numbers of the chunk's hosts; as `chunk`. */
  readonly hosts?: readonly number[];
}

/** What a worker asks of a sender before it begins, and the answer. */
export interface JoinRequest {
  /** The answer must have it, so that an old answer is of no use. */
  readonly nonce: string;
  readonly worker: string;
  readonly id: string;
  readonly site: string | undefined;
  /** The key that secrets are sealed for. */
  readonly key: string;
}
export interface JoinAnswer {
  readonly nonce: string;
  /** Why the worker may not take part; absent when it may. */
  readonly refused?: string;
}

/** What a sender tells the workers of a run. */
export type ControlMessage =
  | { readonly type: "cancel" }
  /** Beats are counted: one that comes again is old, whatever clocks say. */
  | { readonly type: "beat"; readonly number: number };

/** What a worker says of itself. */
export interface WorkerStatus {
  readonly worker: string;
  readonly id: string;
  readonly site: string | null;
  readonly ftl: string;
  readonly build: string;
  /** The key that secrets are sealed for. */
  readonly key: string;
  /** Hosts that it is busy with. */
  readonly hosts: number;
  readonly upMs: number;
}

/** Whether a text can be the name of a worker. */
export function isWorkerName(text: string): boolean {
  return /^[\w.@-]{1,100}$/.test(text);
}
