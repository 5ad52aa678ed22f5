// command and shell: the same module, with an argument that selects the shell.
import type { JsonObject } from "../../protocol/message.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of command or shell. */
export const planCommand: Plan = async (_, { name, fleet }) => {
  const prepared = await fleet.prepare("ansible.legacy.command");
  const complete = ({ cmd, ...args }: JsonObject): JsonObject => ({
    ...args,
    ...(cmd === undefined ? {} : { _raw_params: cmd }),
    ...(name === "shell" ? { _uses_shell: true } : {}),
  });
  return {
    secrets: prepared.secrets,
    unmasked: prepared.unmasked,
    warnings: prepared.warnings,
    run: (context) =>
      context.use((host) =>
        host.module(prepared, complete(context.args), { mayBeJob: true })
      ),
  };
};
