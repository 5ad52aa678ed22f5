// The hosts that a pattern chooses in a session: `@last` is its last call, and
// `--limit` bounds the choice. Pure.
import type { Status } from "../../core/call/call.ts";
import { selectHosts } from "../../inventory/pattern/pattern.ts";
import { STATUSES } from "../../output/summary.ts";
import type { LastRun, Session, World } from "./session.ts";

/**
 * The names of the hosts that a pattern chooses.
 *
 * @throws {InventoryError} when it chooses no host.
 * @throws {SyntaxError} when the limit has none of them.
 */
export function selectInSession(
  session: Session,
  pattern: string,
  world: World,
): string[] {
  const references = sessionReferences(session, world);
  const { expressions } = world;
  const hosts = selectHosts(world.inventory, pattern, {
    references,
    expressions,
  })
    .map(({ name }) => name);
  const { limit } = world;
  if (limit === undefined) return hosts;
  const allowed = hosts.filter((name) => limit.hosts.has(name));
  if (allowed.length > 0) return allowed;
  throw new SyntaxError(
    `Cannot choose hosts by ${pattern}: --limit ${limit.pattern} has none of them`,
  );
}

/** The hosts of each `@name` in the line's pattern, `@last` of this session's call. */
export function sessionReferences(
  { last }: Session,
  { references }: Pick<World, "references">,
): Map<string, readonly string[]> {
  return new Map([...references, ...lastReferences(last)]);
}

/** The hosts of `@last` and `@last:STATUS`. */
function lastReferences(last: LastRun | undefined): Map<string, string[]> {
  const references = new Map<string, string[]>();
  if (last === undefined) return references;
  references.set("last", [...last.start.hosts]);
  for (const status of STATUSES) {
    references.set(`last:${status}`, hostsWith(last, status));
  }
  return references;
}

function hostsWith({ results }: LastRun, status: Status): string[] {
  return [...results.values()]
    .filter((result) => result.status === status)
    .map(({ host }) => host);
}
