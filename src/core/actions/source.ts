// unarchive, uri and assemble: modules that take a file of the host, which may
// be sent there first.
import type { JsonObject } from "../../protocol/message.ts";
import type { Prepared } from "../provision.ts";
import type { OpenHost } from "../turn.ts";
import { ask, conclude, fail, isYes, textOf, without } from "./answer.ts";
import { openLocal } from "./local_file.ts";
import type { Plan } from "../work.ts";

/** Plans a call of one of them. */
export const planSource: Plan = async (_, { name, fleet }) => {
  const prepared = await fleet.prepare(`ansible.legacy.${name}`);
  const { secrets, warnings } = prepared;
  return {
    secrets,
    warnings,
    run: (turn) =>
      conclude(turn, () => {
        const args = argumentsFor(name, turn.args);
        return turn.use((host) => runWithSource(host, { prepared, args }));
      }),
  };
};

/** What the module is told: `copy: no` is an old spelling of `remote_src`. */
function argumentsFor(name: string, args: JsonObject): JsonObject {
  const known = without(args, ["decrypt"]);
  if (name === "assemble") {
    if (!isYes(args.remote_src, true)) {
      fail(
        "assemble can only join files of the host: remote_src=no is not for ftl",
      );
    }
    return { ...known, remote_src: true };
  }
  if (name === "uri" && args.body_format === "form-multipart") {
    return { ...known, remote_src: true };
  }
  if (name !== "unarchive" || args.copy === undefined) return known;
  return { ...without(known, ["copy"]), remote_src: !isYes(args.copy) };
}

async function runWithSource(
  host: OpenHost,
  { prepared, args }: { prepared: Prepared; args: JsonObject },
): Promise<JsonObject> {
  const source = textOf(args.src);
  if (source === undefined || isYes(args.remote_src)) {
    return await ask(host, prepared, args);
  }
  const file = await openLocal(source);
  return await host.stage(
    file,
    { mode: 0o600 },
    (path) => ask(host, prepared, { ...args, src: path }),
  );
}
