// The hosts that a pattern chooses in a session: `@last` is its last call, and
// `--limit` bounds the choice. Pure.
import { type Status, STATUSES } from "../../core/call/call.ts";
import { selectHosts } from "../../inventory/pattern/pattern.ts";
import { InventoryError } from "../../errors.ts";
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
  refuseEmpty(session.last, pattern);
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

/** Refuses `@last:STATUS` alone when no host ended so: names those that did. */
function refuseEmpty(last: LastRun | undefined, pattern: string): void {
  const [, status] = /^@last:(\w+)$/.exec(pattern.trim()) ?? [];
  const known = STATUSES.find((each) => each === status);
  if (last === undefined || status === undefined) return;
  if (known !== undefined && last.end.summary[known] > 0) return;
  throw new InventoryError(
    known === undefined
      ? `Cannot choose hosts by @last:${status}: unknown status`
      : `Cannot choose hosts by @last:${status}: no host of the last call ` +
        "has this status",
    {
      hint: known === undefined
        ? `Use one of ${STATUSES.join(", ")}`
        : otherStatuses(last.end.summary, "last"),
    },
  );
}

/** The hint for a status that no host of a run has: which ones there are. */
export function otherStatuses(
  counts: Readonly<Partial<Record<Status, number>>>,
  reference: string,
): string {
  const others = STATUSES.filter((each) => each !== "ok" && counts[each]);
  return others.length === 0
    ? "All its hosts are ok"
    : `Its hosts include ${
      others.map((each) => `@${reference}:${each} (${counts[each]})`).join(", ")
    }`;
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
