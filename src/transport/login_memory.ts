// What is remembered of logins, so that the next one takes no detour: a host that
// let a key in is offered that key first, and is not asked whether it needs none.
import type { Endpoint } from "./transport.ts";

/**
 * How a host let the user in: `none` (it asked for nothing), `password`, or
 * `key` with the SHA-256 of the public key in hexadecimal.
 */
export type LoginWay = "none" | "password" | `key ${string}`;

/** The memory of logins. It may be wrong: a host is then asked as if unknown. */
export interface LoginMemory {
  recall(endpoint: Endpoint): LoginWay | undefined;
  note(endpoint: Endpoint, way: LoginWay): void;
}

/** A memory for one run. */
export function createLoginMemory(): LoginMemory {
  const ways = new Map<string, LoginWay>();
  const keyOf = ({ user, address, port, jumps = [] }: Endpoint) =>
    JSON.stringify(
      [...jumps, { user, address, port }]
        .map((stop) => [stop.user, stop.address, stop.port]),
    );
  return {
    recall: (endpoint) => ways.get(keyOf(endpoint)),
    note: (endpoint, way) => ways.set(keyOf(endpoint), way),
  };
}
