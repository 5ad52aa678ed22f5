// A part of this machine for hosts of a test: users, processes, networks and
// logs of its own. All of it ends with one process, which ends when its input
// does, so that nothing is left of a test that was killed.
import { need } from "../need.ts";
import { makePrivateEtc, type PrivateEtc } from "../private_etc.ts";

/** Whether this machine allows making one. */
export const worldNeed = need(
  "right to a network of its own",
  canMake() ? "/" : undefined,
);

function canMake(): boolean {
  const { success } = new Deno.Command("unshare", {
    args: [
      ...["-m", "-p", "--fork", "--kill-child", "--mount-proc", "sh", "-ec"],
      "mount -t tmpfs tmpfs /run; mkdir /run/netns; ip netns add test",
    ],
    stderr: "null",
  }).outputSync();
  return success;
}

/** The world; it ends when it is disposed. */
export interface World extends AsyncDisposable {
  readonly etc: PrivateEtc;
  /** Starts a command there, in this machine's network or in one of its own. */
  wrapper(network?: string): readonly string[];
  /** Runs a shell script there as root; returns its output. */
  run(script: string, network?: string): Promise<string>;
}

/** Makes a world without a network. */
export async function makeWorld(): Promise<World> {
  const etc = await makePrivateEtc();
  const [program = "", ...args] = [
    ...[...etc.wrapper, "unshare", "-m", "-p", "--fork", "--kill-child"],
    ...["--mount-proc", "sh", "-ec", HOLD],
  ];
  const holder = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  if ((await reader.read()).done) throw new Error("Cannot make a world");
  const { pid } = holder;
  const [first] = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`))
    .trim().split(" "); // who has the new process ids
  const wrapper = (network?: string) => [
    ...["nsenter", "-t", first!, "-m", "-p"],
    ...(network === undefined
      ? []
      : [`--net=/proc/${first}/root/run/netns/${network}`]),
    "--",
  ];
  return {
    etc,
    wrapper,
    run: (script, network) => shell(wrapper(network), script),
    [Symbol.asyncDispose]: async () => {
      await holder.stdin.close();
      await reader.cancel();
      await holder.status;
      await etc[Symbol.asyncDispose]();
    },
  };
}

const HOLD = `trap '' INT TERM HUP
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -m 755 /run/sshd /run/netns
echo up
cat`; // not exec: the shell takes note of orphans that end

async function shell(
  wrapper: readonly string[],
  script: string,
): Promise<string> {
  const [program = "", ...args] = [...wrapper, "sh", "-ec", script];
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`Cannot run ${script}: ${text.decode(stderr).trim()}`);
}
