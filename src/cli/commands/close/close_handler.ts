// `ftl close`: ends sessions, also those that hang or are of another build.
import {
  listSessionPlaces,
  removeStale,
  type SessionPlace,
  sessionProcess,
} from "../../../core/session/session_folder.ts";
import { escapeLine } from "../../../output/escape.ts";
import { EXIT, UsageError } from "../../process/exit_code.ts";
import type { Context } from "../context.ts";

/** How long a session may take to close its hosts. */
const END_MS = 15_000;

const POLL_MS = 20;

/** Ends one session or all; resolves to the exit status. */
export async function handleClose(
  name: string | undefined,
  context: Context,
): Promise<number> {
  const places = (await listSessionPlaces())
    .filter((place) => name === undefined || place.name === name);
  if (name !== undefined && places.length === 0) {
    throw new UsageError(
      `Cannot close the session ${escapeLine(name)}: there is none`,
      { hint: "List your sessions with: ftl sessions" },
    );
  }
  const ended = await Promise.all(places.map(end));
  const count = ended.filter(Boolean).length;
  if (count === 0) context.out("No session is open\n");
  for (const [i, place] of places.entries()) {
    if (ended[i]) context.out(`Closed ${escapeLine(place.name)}\n`);
  }
  return EXIT.ok;
}

/** Ends a session; resolves to false when it had ended before. */
async function end(place: SessionPlace): Promise<boolean> {
  const pid = await sessionProcess(place);
  if (pid === undefined) {
    await removeStale(place);
    return false;
  }
  // It holds its lock, so that the number is its own.
  signal(pid, "SIGTERM");
  const until = performance.now() + END_MS;
  while (await sessionProcess(place) === pid) {
    if (performance.now() > until) {
      signal(pid, "SIGKILL");
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await removeStale(place);
  return true;
}

/** Signals a process, unless it has just ended. */
function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
