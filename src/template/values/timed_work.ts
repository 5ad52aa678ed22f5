// Work that only time can bound, such as a pattern that tries too much. V8 itself ends
// it, in the middle of a built-in function too, so it cannot hold up other hosts.
import { LazyModule } from "../lazy_module.ts";

const nodeVm = new LazyModule(() => import("node:vm"));

/** The work that the script does. */
const shared = { work: () => {} };
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
  shared.work = () => {
    done = { value: work() };
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
  const script = new Script("work()");
  return (ms) => {
    script.runInContext(context, { timeout: ms });
  };
}
