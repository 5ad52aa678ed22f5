// Tells when a query gave null everywhere: it names what no result has, which looks
// like an answer.
import type { Json } from "../../protocol/message.ts";
import { escapeLine } from "../../output/escape.ts";
import type { ResultQuery } from "../../output/query.ts";
import type { Renderer } from "../../output/renderer.ts";
import { isFailure } from "../../output/summary.ts";

/** How many members of a result are named. */
const MAX_NAMED = 12;

/** A query whose values are watched, and the renderer that tells of them. */
export interface WatchedQuery {
  readonly query: ResultQuery;
  /** Says a note at the end of each run without a value; goes after others. */
  readonly note: Renderer;
}

/** Watches the values that a query has for results that are not failures. */
export function watchQuery(
  expression: string,
  query: ResultQuery,
  say: (text: string) => void,
): WatchedQuery {
  let hosts = new Set<string>();
  let hasValue = false;
  let members: readonly string[] = [];
  return {
    query(result) {
      const value = query(result);
      if (!isFailure(result.status)) {
        hosts.add(result.host);
        hasValue ||= value !== null;
        if (hosts.size === 1) members = membersOf(result.result);
      }
      return value;
    },
    note: {
      event({ event }) {
        if (event !== "run_end") return;
        if (hosts.size > 0 && !hasValue) {
          say(noteText(expression, hosts.size, members));
        }
        hosts = new Set();
        hasValue = false;
      },
      close() {},
    },
  };
}

function noteText(
  expression: string,
  count: number,
  members: readonly string[],
): string {
  const where = count === 1 ? "the result" : `all ${count} results`;
  const named = members.slice(0, MAX_NAMED).map(escapeLine).join(", ");
  const more = members.length > MAX_NAMED ? ", …" : "";
  const hint = named === ""
    ? "See whole results with --format json"
    : `The members of result are ${named}${more}; see all with --format json`;
  return `ftl: warning: --query ${
    escapeLine(expression)
  } is null for ${where}\n` +
    `     ${hint}\n`;
}

function membersOf(result: Json): readonly string[] {
  return result !== null && typeof result === "object" && !Array.isArray(result)
    ? Object.keys(result)
    : [];
}
