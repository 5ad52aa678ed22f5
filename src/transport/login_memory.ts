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
  return {
    recall: (endpoint) => ways.get(loginKey(endpoint)),
    note: (endpoint, way) => ways.set(loginKey(endpoint), way),
  };
}

/** The key of a user on a host, which does not depend on the inventory's names. */
export function loginKey(endpoint: Endpoint): string {
  const { transport, name, user, jumps = [], proxyCommand } = endpoint;
  if (transport === "local") return `${transport}:${user}@${name}`;
  // The same private address can be another host behind another bastion.
  const through = proxyCommand === undefined ? [] : [proxyCommand];
  const stops = [...jumps, endpoint]
    .map(({ user, address, port }) => `${user}@${address}:${port}`);
  return [...through, ...stops].join(" ");
}

/** Whether a text is a way to log in. */
export function isLoginWay(text: string | undefined): text is LoginWay {
  return text !== undefined && /^(none|password|key [0-9a-f]{64})$/.test(text);
}
