// A machine with the files of a Debian release, in a network that has nothing but its
// own sshd: `ann` and `ben` have a HOME and a /tmp where no programs may run, `cho`
// has a HOME where they may. All of it goes when it is disposed.
import { dirname } from "@std/path";
import { makeWorld } from "../support/fleet/world.ts";
import { ROOT, rootScript, shareScript } from "../support/root_tree.ts";

/** The user that runs a command on the machine. */
export type User = "root" | "ann" | "ben" | "cho";

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine. */
export interface Machine extends AsyncDisposable {
  /** Runs a shell script there, in the user's HOME. */
  run(user: User, script: string): Promise<Outcome>;
  /** Runs a shell script of this machine that sees the other's files in `$ROOT`. */
  outside(script: string): Promise<string>;
}

/** Ansible's modules of this machine, on the other. */
export const MODULES = "/usr/lib/python3/dist-packages/ansible/modules";

const NOEXEC = ["home", "tmp", "var/tmp", "dev/shm"];
const USERS = { ann: "/home/ann", ben: "/home/ben", cho: "/srv/cho" };

/**
 * Starts a machine.
 *
 * @param tree the files of the release
 * @param shared folders of this machine that it has, too
 */
export async function startMachine(
  tree: string,
  shared: readonly string[],
): Promise<Machine> {
  const world = await makeWorld();
  const place = [...world.wrapper("box"), "chroot", ROOT];
  const machine: Machine = {
    run: async (user, script) => {
      const home = user === "root" ? "/root" : USERS[user];
      const words = [
        ...place,
        ...["env", "-i", `HOME=${home}`, "LANG=C.UTF-8", "TERM=dumb"],
        `PATH=${home}/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
        `FTL_MODULE_DIR=${MODULES}`,
        ...["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups"],
        ...["sh", "-c", `cd && ${script}`],
      ];
      const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
        args: words.slice(1),
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    outside: (script) => world.run(`ROOT=${ROOT}\n${script}`),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
  try {
    await world.run([
      "ip netns add box",
      "ip -n box link set lo up",
      rootScript(tree, []),
      ...NOEXEC.map((folder) =>
        `mount -t tmpfs -o noexec,mode=1777 tmpfs ${ROOT}/${folder}`
      ),
      ...shareScript([...shared, dirname(MODULES)]),
      ...Object.entries(USERS).map(([name, home]) =>
        `chroot ${ROOT} useradd -m -d ${home} -s /bin/bash ${name}`
      ),
      `chroot ${ROOT} ssh-keygen -A`,
    ].join("\n"));
    await world.run(`chroot ${ROOT} /usr/sbin/sshd -E /run/sshd.log`, "box");
    for (const user of Object.keys(USERS) as User[]) {
      await machine.run(
        user,
        "mkdir -m 700 .ssh && ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519 && " +
          "cp .ssh/id_ed25519.pub .ssh/authorized_keys",
      );
    }
    return machine;
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}
