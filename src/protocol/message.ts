// What a controller and a gate say to each other; docs/protocol.md is the
// authority. The Python end is src/gate/runtime/. Types only: what a host sends
// becomes one of them in reply.ts, and nowhere else.

/** A value as JSON knows it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | Json[]
  | { [key: string]: Json };

/** An object as JSON knows it. */
export type JsonObject = { [key: string]: Json };

/** A message of v1: its type and its data. */
export type MessageV1 = readonly [type: string, data: Json];

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
}

/** A request that a channel can send; it gives the message its id. */
export type Request =
  | { type: "Call"; data: CallData }
  | { type: "Pack"; data: { sha256: string; data: string } }
  | { type: "Ping" | "Info" | "Shutdown"; data: Record<string, never> };

/** A request of v1, as a gate serves it; each has exactly one reply. */
export type RequestV1 =
  | ["Hello", Json]
  | ["Module", { module_name: string; module_args?: Args; module?: string }]
  | ["FTLModule", { module_name: string; module: string; module_args?: Args }]
  | ["Shutdown", Json];

type Args = JsonObject | null;

/** A reply of v1. */
export type ReplyV1 =
  | ["Hello", Json]
  | ["ModuleResult", { stdout: string; stderr: string }]
  | ["ModuleNotFound" | "Error" | "GateSystemError", { message: string }]
  | ["FTLModuleResult", { result: Json }]
  | ["Goodbye", Record<string, never>];

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

/** What a gate says of itself. */
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

/** The data of a gate's `Info`: calls are those begun, running and waiting. */
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

/** The reply that each type of request has when it can be served. */
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

/** What comes before the final reply to a `Call`. */
export type CallEvent =
  | { type: "Output"; data: { stream: "stdout" | "stderr"; text: string } }
  | { type: "Progress"; data: { data: Json } };
