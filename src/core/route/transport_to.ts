// The transport of a host's route, and what the store remembers about logins.
import type { HostNotes } from "../../store/host_notes.ts";
import {
  isLoginWay,
  loginKey,
  type LoginMemory,
} from "../../transport/login_memory.ts";
import type { Endpoint, Transport } from "../../transport/transport.ts";
import type { HostRoute } from "./host_endpoint.ts";
import { OpensshFallback } from "./openssh_fallback.ts";
import type { Transports } from "./transports.ts";

/** Notes about hosts, wherever they are kept. */
type Notebook = Pick<HostNotes, "of" | "note">;

/** What a route's transport works with. */
export interface TransportParts {
  readonly transports: Transports;
  /** Remembers hosts that only the system's `ssh` reaches. Default: nothing does. */
  readonly notes: Notebook | undefined;
  /** Called before the system's `ssh` is used instead, with the reason. */
  readonly onFallback?: (endpoint: Endpoint, reason: string) => void;
}

/** The transport of a route, which may fall back to the system's `ssh`. */
export async function transportTo(
  { endpoint: { transport }, mayFallBack }: Pick<
    HostRoute,
    "endpoint" | "mayFallBack"
  >,
  { transports, notes, onFallback = () => {} }: TransportParts,
): Promise<Transport> {
  const chosen = await transports.get(transport);
  if (!mayFallBack) return chosen;
  return new OpensshFallback({
    ssh: chosen,
    openssh: () => transports.get("openssh"),
    onFallback,
    onReached: (endpoint, openssh) =>
      notes?.note(loginKey(endpoint), { openssh }),
  });
}

/** How logins succeeded, in the notes of a store. */
export function memoryIn(notes: Notebook): LoginMemory {
  return {
    recall: (endpoint) => {
      const { login } = notes.of(loginKey(endpoint));
      return isLoginWay(login) ? login : undefined;
    },
    note: (endpoint, login) => notes.note(loginKey(endpoint), { login }),
  };
}
