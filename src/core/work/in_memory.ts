// What cannot be done on a host on whose disks nothing of ours may be: refused
// before the host is contacted.
import { CallError } from "../../errors.ts";
import type { Task } from "./task.ts";

/**
 * A task that fails on these hosts.
 *
 * @param why Why it needs a file there: the end of a sentence.
 */
export function refuseInMemory(task: Task, what: string, why: string): Task {
  return {
    ...task,
    run: async (context) => {
      if (!await context.isInMemory()) return await task.run(context);
      throw new CallError(`Cannot run ${what} in memory: ${why}`, {
        host: context.host.name,
        hint: "Allow files of ftl on the disks of this host",
      });
    },
  };
}
