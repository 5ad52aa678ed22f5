// How a NATS server says that an account may not do something. It says so in passing:
// a request fails at once, but nobody waits for what has no answer.
import type { NatsConnection } from "@nats-io/transport-node";
import { othersTurn } from "../../../async/timer.ts";
import { FtlError } from "../../../errors.ts";

/** What a server did not allow. */
export interface NatsRefusal {
  readonly operation: string;
  readonly subject: string;
}

/** Collects what a server does not allow, until the connection is closed. */
export class NatsRefusals {
  readonly #found = new Map<string, NatsRefusal>();
  /** Called with each that is new. */
  onRefusal: ((refusal: NatsRefusal) => void) | undefined;

  constructor(connection: NatsConnection) {
    void this.#collect(connection);
  }

  /** Those until now. */
  async all(): Promise<NatsRefusal[]> {
    await othersTurn(); // they are handed over in a turn of their own
    return [...this.#found.values()];
  }

  async #collect(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      const found = status.type === "error"
        ? refusalIn(status.error)
        : undefined;
      if (found === undefined) continue;
      const refusal = { ...found, subject: patternOf(found.subject) };
      const key = `${refusal.operation} ${refusal.subject}`;
      if (this.#found.has(key)) continue;
      this.#found.set(key, refusal);
      this.onRefusal?.(refusal);
    }
  }
}

/** What the server did not allow, when an error is about that. */
export function refusalIn(error: unknown): NatsRefusal | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === "PermissionViolationError") {
      return at as unknown as NatsRefusal;
    }
  }
  return undefined;
}

/** The error of an account that may not do all that it has to. */
export function refusalError(
  what: string,
  refusals: readonly NatsRefusal[],
  cause?: unknown,
): FtlError {
  return new FtlError(`${what}: ${refusalText(refusals)}`, {
    cause,
    hint:
      "Allow it in the settings of nats-server: docs/scale.md lists what workers and senders need",
  });
}

/** What a server does not allow, as part of a sentence. */
export function refusalText(refusals: readonly NatsRefusal[]): string {
  const parts = [["publish", "publish to"], ["subscription", "subscribe to"]]
    .map(([operation, verb]) => ({
      verb,
      subjects: refusals.filter((each) => each.operation === operation)
        .map(({ subject }) => patternOf(subject)),
    }))
    .filter(({ subjects }) => subjects.length > 0)
    .map(({ verb, subjects }) =>
      `${verb} ${[...new Set(subjects)].join(", ")}`
    );
  return `the server does not allow this account to ${parts.join(", or to ")}`;
}

/** The permission that a subject needs: without ids of runs, workers and consumers. */
export function patternOf(subject: string): string {
  const rules: readonly [RegExp, string][] = [
    [/^(_INBOX)\..*/, "$1.>"],
    [/^(ftl\.(?:calls|events))\..*/, "$1.>"],
    [/^(ftl\.(?:beats|control|sender|workers))\..*/, "$1.*"],
    [/^(\$JS\.(?:ACK|FC)\.[^.]+)\..*/, "$1.>"],
    [/^(\$JS\.API\.CONSUMER\.CREATE\.[^.]+)\..*/, "$1.>"],
    [/^(\$JS\.API\.CONSUMER\.(?:MSG\.)?[A-Z]+\.[^.]+)\..*/, "$1.*"],
    [/^(\$O\.[^.]+)\..*/, "$1.>"],
  ];
  for (const [pattern, instead] of rules) {
    if (pattern.test(subject)) return subject.replace(pattern, instead);
  }
  return subject;
}
