// The results of a call with Ansible and with ftl in one shape, without the keys
// that may differ.
import { IGNORED } from "./ignored_keys.ts";

/** How a call ended: what must be equal. */
export interface Outcome {
  status: string;
  changed: boolean;
  failed: boolean;
  rc: unknown;
  msg: unknown;
  /** The module's other keys. */
  rest: Record<string, unknown>;
}

type Data = Record<string, unknown>;

/** The entry of a host in the document of Ansible's callback `json`. */
export function outcomeOfAnsible(module: string, entry: unknown): Outcome {
  const data = entry as Data;
  const failed = Boolean(data.failed);
  const changed = Boolean(data.changed);
  const status = data.unreachable
    ? "unreachable"
    : failed
    ? "failed"
    : data.skipped
    ? "skipped"
    : changed
    ? "changed"
    : "ok";
  return outcome(module, { status, changed, failed }, data);
}

/** An entry of `results` in the document of `ftl run --format json`. */
export function outcomeOfFtl(module: string, entry: unknown): Outcome {
  const { status, changed, result, error, rc } = entry as Data;
  // Without a result of the module's own, Ansible makes one up.
  const data = result ?? { rc, msg: asAnsibleSays(error as Data) };
  const failed = status === "failed";
  return outcome(
    module,
    { status: String(status), changed: Boolean(changed), failed },
    data as Data,
  );
}

function asAnsibleSays({ message }: Data): unknown {
  return /^The module printed (?:no JSON object|broken JSON)/.test(
      String(message),
    )
    ? "MODULE FAILURE\nSee stdout/stderr for the exact error"
    : message;
}

function outcome(
  module: string,
  how: Pick<Outcome, "status" | "changed" | "failed">,
  { rc, msg, ...data }: Data,
): Outcome {
  const rest = withoutKeys(data, keysIgnoredFor(module)) as Data;
  return { ...how, rc, msg, rest };
}

function keysIgnoredFor(module: string): ReadonlySet<string> {
  const name = module.replace(/^ansible\.builtin\./, "");
  return new Set(
    IGNORED.filter(({ modules }) => modules?.includes(name) ?? true)
      .flatMap(({ keys }) => keys),
  );
}

const MAY_BE_EMPTY = new Set(["warnings", "diff"]);

/**
 * A value less some keys; `a.b` is `b` in whatever `a` is. Empty lists of
 * warnings and differences are as good as none, and one mask is as good as the other.
 */
function withoutKeys(
  value: unknown,
  ignored: ReadonlySet<string>,
  above = "",
): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => withoutKeys(each, ignored, above));
  }
  if (value === "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER") return "********";
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !ignored.has(above + key))
      .filter(([key, each]) => !MAY_BE_EMPTY.has(key) || String(each) !== "")
      .map(([key, each]) => [key, withoutKeys(each, ignored, `${key}.`)])
      .sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
}
