// unarchive, uri and assemble: modules that take a file of the host, which may
// be sent there first. Follows Ansible's action plugins of these names.
import type { JsonObject } from "../../protocol/message.ts";
import type { Prepared } from "../provision.ts";
import { quoteWord } from "../shell/shell_words.ts";
import type { OpenHost, Turn } from "../turn.ts";
import type { Plan } from "../work.ts";
import {
  ask,
  askShell,
  conclude,
  fail,
  isYes,
  textOf,
  without,
} from "./answer.ts";
import { openLocal } from "./local_file.ts";
import { statOf } from "./remote_stat.ts";

/** Plans a call of one of them. */
export const planSource: Plan = async (_, { name, fleet }) => {
  const prepared = await fleet.prepare(`ansible.legacy.${name}`);
  const stat = await fleet.prepare("ansible.legacy.stat");
  const { secrets, unmasked, warnings } = prepared;
  const act = { assemble, unarchive, uri }[name]!;
  return {
    secrets,
    unmasked,
    warnings,
    run: (turn) => conclude(turn, () => act(turn, { prepared, stat })),
  };
};

interface Modules {
  readonly prepared: Prepared;
  readonly stat: Prepared;
}

function assemble(turn: Turn, { prepared }: Modules): Promise<JsonObject> {
  if (turn.call.check) {
    const msg = "check mode is not supported for this task.";
    return Promise.resolve({ skipped: true, msg });
  }
  if (!isYes(turn.args.remote_src, true)) {
    fail("Cannot join files of this machine: only remote_src=yes can be done");
  }
  const args = without(turn.args, ["decrypt"]);
  return turn.use((host) => ask(host, prepared, args));
}

function uri(turn: Turn, { prepared }: Modules): Promise<JsonObject> {
  return turn.use((host) => runWithSource(host, prepared, turn.args));
}

function unarchive(
  turn: Turn,
  { prepared, stat }: Modules,
): Promise<JsonObject> {
  const { decrypt: _, copy, ...args } = turn.args;
  // The old spelling of remote_src, the other way round.
  if (copy !== undefined) args.remote_src = !isYes(copy);
  const dest = textOf(args.dest);
  if (textOf(args.src) === undefined || dest === undefined) {
    fail("src (or content) and dest are required");
  }
  return turn.use(async (host) => {
    const creates = textOf(args.creates);
    if (creates !== undefined) {
      const { rc } = await askShell(host, `test -e ${quoteWord(creates)}`);
      const msg = `skipped, since ${creates} exists`;
      if (rc === 0) return { skipped: true, msg };
    }
    const { isdir } = await statOf(host, { stat, path: dest, follow: true });
    if (!isdir) fail(`dest '${dest}' must be an existing dir`);
    return await runWithSource(host, prepared, args);
  });
}

/** Runs a module with the file that it needs, which is sent when it is ours. */
async function runWithSource(
  host: OpenHost,
  prepared: Prepared,
  args: JsonObject,
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
