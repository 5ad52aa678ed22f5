// Encodes and decodes the body of one message. Decoding checks only the shape of
// the message; reply.ts checks its data.
import { parseUntrustedJson } from "./untrusted_json.ts";
import { ExactNumber, stringifyExact } from "../json/exact_number.ts";
import type { Json, JsonObject, Message } from "./message.ts";

/** A decoded message. */
export interface Envelope {
  type: string;
  data: Json;
  /** Null in a message of v1. In v2 `data` is an object. */
  id: number | null;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Encodes the body of a message of v2. */
export function encodeBody(message: Message): Uint8Array {
  return encoder.encode(stringifyExact(message));
}

/**
 * Decodes a body of either version.
 *
 * @throws {SyntaxError} when it is not UTF-8, not JSON, nested too deep, or not
 *   of the shape `[type, data]` or `[type, data, id]`.
 */
export function decodeBody(body: Uint8Array): Envelope {
  const value = parseUntrustedJson(decodeText(body));
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    throw new SyntaxError(
      "Cannot read a message: it is not an array of two or three elements",
    );
  }
  const [type, data = null, id = null] = value;
  if (typeof type !== "string") {
    throw new SyntaxError("Cannot read a message: its type is not a string");
  }
  if (value.length === 2) return { type, data, id: null };
  if (!isObject(data)) {
    throw new SyntaxError("Cannot read a message: its data is not an object");
  }
  if (!isCount(id)) {
    throw new SyntaxError(
      "Cannot read a message: its id is not a whole number from 0 to 2^53 - 1",
    );
  }
  return { type, data, id };
}

/** Whether a value is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** Whether a value is a whole number from 0 to 2^53 - 1. */
export function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function decodeText(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    // The engine's TypeError tells no more than this.
    throw new SyntaxError("Cannot read a message: it is not UTF-8");
  }
}
