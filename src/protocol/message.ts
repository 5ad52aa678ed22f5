// What a controller and a gate say to each other; docs/protocol.md is the
// authority. The Python end is src/gate/runtime/ftl/.

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

/** A message of v2: its type, its data, and the id of the request. */
export type Message = readonly [type: string, data: JsonObject, id: number];

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
  fresh?: boolean;
}

/** A request that a channel can send; it gives the message its id. */
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

/** What a gate says of itself in its `Hello`. */
export interface HelloData {
  ftl: 2;
  nonce: string;
  gate: string;
  python: string;
  executable: string;
  platform: string;
  pid: number;
  uid: number;
  folder: string | null;
  packs: string[];
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
  | { type: "Pong" | "Goodbye"; data: JsonObject }
  | { type: "Info"; data: JsonObject }
  | { type: "Error"; data: ErrorData };

/** What comes before the final reply to a `Call`. */
export type CallEvent =
  | { type: "Output"; data: { stream: "stdout" | "stderr"; text: string } }
  | { type: "Progress"; data: { data: Json } };
