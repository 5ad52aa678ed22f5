// fail: fails with a message. Contacts no host.
import { refuseOthers } from "./action_options.ts";
import { concludeAction } from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of fail. */
export const planFail: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () => {
        refuseOthers(context, ["msg"]);
        const { msg = "Failed as requested from task" } = context.args;
        return Promise.resolve({ failed: true, msg });
      }),
  });
