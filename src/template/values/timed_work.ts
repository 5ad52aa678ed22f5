// Work that only time can bound, such as a pattern that tries too much. V8 itself ends
// it, in the middle of a built-in function too, so it cannot hold up other hosts.
import { LazyModule } from "../lazy_module.ts";

const nodeVm = new LazyModule(() => import("node:vm"));

/**
 * The work that the script does, and whether it then waits to be ended: when the time
 * is up just after the script, nothing could catch that, and it would end the process.
 */
const shared = { work: () => {}, mustWait: () => false };
/** The script waits when less is left, in ms, or less than a tenth. */
const CLOSE_MS = 50;
let script: ((ms: number) => void) | undefined;

/**
 * Does work; undefined when it was ended because it took longer than `ms`. Adds about
 * 15 µs.
 *
 * @throws {Pending} until what it needs is loaded.
 */
export function timedWork<T>(
  work: () => T,
  ms: number,
): { readonly value: T } | undefined {
  let done: { readonly value: T } | undefined;
  script ??= makeScript();
  const began = performance.now();
  shared.work = () => {
    done = { value: work() };
  };
  shared.mustWait = () => {
    const leftMs = ms - (performance.now() - began);
    return leftMs < CLOSE_MS || leftMs < ms / 10;
  };
  try {
    script(ms);
  } catch (error) {
    // Its error is of another realm.
    const { code } = error as { code?: unknown };
    if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
  } finally {
    shared.work = () => {};
  }
  return done;
}

function makeScript(): (ms: number) => void {
  const { createContext, Script } = nodeVm.get();
  const context = createContext(shared);
  const script = new Script(
    "try { work() } finally { if (mustWait()) for (;;); }",
  );
  return (ms) => {
    script.runInContext(context, { timeout: ms });
  };
}
