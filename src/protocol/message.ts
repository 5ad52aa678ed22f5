// The messages between controller and gate; docs/protocol.md defines them. The
// Python end is src/gate/runtime/. Types only: only reply.ts turns what a host
// sends into one of them.
import type { ExactNumber } from "../json/exact_number.ts";

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | Json[]
  | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A message of v2: its type, its data, and the id of the request. */
export type Message = readonly [type: string, data: object, id: number];

/** The data of a `Call`. */
export interface CallData {
  module: string;
  pack?: string;
  args: JsonObject;
  timeout_ms?: number;
  env?: Record<string, string>;
  after?: number;
  stream?: boolean;
  check?: boolean;
  settings?: JsonObject;
  fresh?: boolean;
  max_output?: number;
  job?: JobData;
}

/** How a call runs in the background. */
export interface JobData {
  /** The hash of the pack of jobs. */
  pack: string;
  /** The first part of the job's name: `j` and digits. */
  id: string;
  /** The module, as the user has named it. */
  module: string;
  /** Its time limit. */
  seconds: number;
  /** The folder of jobs on the host; `~` is the user's home. */
  folder: string;
  /** Texts that are masked in its result before it is written. */
  hidden: string[];
  /** Keep nothing of its result but how it ended. */
  no_log: boolean;
}

/** A request that a channel can send; the channel adds the id. */
export type Request =
  | { type: "Call"; data: CallData }
  | { type: "Pack"; data: { sha256: string; data: string } }
  | { type: "Ping" | "Info" | "Shutdown"; data: Record<string, never> };

/** The data of a `Result`: how a call ended on its host. */
export interface ResultData {
  state: "ended" | "timed_out" | "cancelled" | "skipped";
  rc: number | null;
  signal: number | null;
  stdout: string;
  stderr: string;
  cut: { stdout: number; stderr: number };
  value?: Json;
  exception?: { type: string; message: string; traceback: string };
  duration_ms: number;
  reason?: string;
  left?: number[];
}

/** What a gate reports about itself. */
export interface GateData {
  gate: string;
  python: string;
  executable: string;
  platform: string;
  pid: number;
  uid: number;
  folder: string | null;
  packs: string[];
}

/** The data of a gate's `Hello`. */
export interface HelloData extends GateData {
  ftl: 2;
  nonce: string;
}

/** The data of a gate's `Info`; `calls` counts all calls since it started. */
export interface InfoData extends GateData {
  calls: number;
  running: number;
  waiting: number;
  modules: string[];
}

/** Why a gate could not serve a request. */
export interface ErrorData {
  kind: "bad_message" | "no_module" | "no_pack" | "bad_pack" | "module";
  message: string;
}

/** The final reply to a request. */
export type Reply =
  | { type: "Result"; data: ResultData }
  | { type: "Stored"; data: { sha256: string } }
  | { type: "Pong" | "Goodbye"; data: Record<string, never> }
  | { type: "Info"; data: InfoData }
  | { type: "Error"; data: ErrorData };

/** The reply to each type of request that the gate could serve. */
export interface ReplyTypes {
  Call: "Result";
  Pack: "Stored";
  Ping: "Pong";
  Info: "Info";
  Shutdown: "Goodbye";
}

/** The replies that a request may have. */
export type ReplyTo<R extends Request> = Extract<
  Reply,
  { type: ReplyTypes[R["type"]] | "Error" }
>;

/** What may precede the final reply to a `Call`. */
export type CallEvent =
  | { type: "Output"; data: { stream: "stdout" | "stderr"; text: string } }
  | { type: "Progress"; data: { data: Json } };
