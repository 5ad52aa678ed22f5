// Runs docs/airgap.md command by command: on a machine with Python and a folder of
// wheels, and on two bastions that can reach only their hosts.
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { writeSums } from "../../scripts/compile/sums.ts";
import { run } from "../../scripts/compile/targets.ts";
import { withSigners } from "../../scripts/release/installer.ts";
import { signSums } from "../../scripts/release/sign.ts";
import { makeBench } from "../gate/requirements/wheels.ts";
import { needBinary } from "../support/binary.ts";
import {
  lonelyNetworkNeed,
  makeLonelyNetwork,
} from "../support/lonely_network.ts";
import { findProgram, need } from "../support/need.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));
const PAGE = join(ROOT, "docs/airgap.md");
// The programs of a bastion: POSIX tools, and those for a compressed archive.
const TOOLS =
  ("basename cat chmod cp cut dd dirname find grep gzip id ls mkdir " +
    "mktemp mv rm rmdir sh sha256sum ssh-keygen tar uname").split(" ");

const binary = await needBinary();
const python = need("python3 with ansible and pip", pythonThatHas());

/** The system's Python, if it has ansible and pip. */
function pythonThatHas(): string | undefined {
  const python = "/usr/bin/python3";
  try {
    const { success } = new Deno.Command(python, {
      args: ["-c", "import ansible, pip"],
      stderr: "null",
    }).outputSync();
    return success ? python : undefined;
  } catch {
    return undefined;
  }
}

type MachineName = "connected" | "bastion" | "second";

/** The commands of the page, in order. */
async function readBlocks(): Promise<{ on: MachineName; script: string }[]> {
  const text = await Deno.readTextFile(PAGE);
  return [...text.matchAll(/^```(\S*) ?(\S*)\n([^]*?)^```$/gm)].map(
    ([, language, on, script]) => {
      assertEquals(language, "sh", "only commands are tested");
      assertMatch(on!, /^(?:connected|bastion|second)$/);
      return { on: on as MachineName, script: script! };
    },
  );
}

/** A machine that runs one block of commands after the other. */
class Machine {
  readonly home: string;
  readonly #wrapper: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  constructor(
    readonly folder: string,
    { wrapper, env }: {
      wrapper: readonly string[];
      env: Readonly<Record<string, string>>;
    },
  ) {
    this.home = join(folder, "home");
    this.#wrapper = wrapper;
    this.#env = env;
  }

  /** Runs commands as a user types them, in the state that the last ones left. */
  async run(script: string): Promise<string> {
    const state = join(this.folder, "state");
    const whole = `[ ! -f ${state} ] || . ${state}\nset -e\n${script}\n` +
      `export -p >${state}\necho "cd '$PWD'" >>${state}\n`;
    const words = [...this.#wrapper, "/bin/sh", "-c", whole];
    const { code, stdout, stderr } = await new Deno.Command(
      findProgram(words[0]!) ?? words[0]!,
      {
        args: words.slice(1),
        clearEnv: true,
        env: { HOME: this.home, ...this.#env },
        cwd: this.home,
        stdin: "null",
      },
    ).output();
    const text = new TextDecoder();
    const said = text.decode(stdout);
    assertEquals(code, 0, `${script}\n${said}${text.decode(stderr)}`);
    return said;
  }
}

/** Creates the files of a release for this machine, in a folder `ftl`. */
async function download(home: string): Promise<void> {
  const folder = join(home, "ftl");
  await Deno.mkdir(folder);
  const machine = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const name = `ftl-linux-${machine}`;
  await Deno.copyFile(binary.path, join(folder, name));
  await Deno.copyFile(
    `${binary.path}.cdx.json`,
    join(folder, `${name}.cdx.json`),
  );
  // It is signed with a key of this test.
  const key = join(home, "key");
  await run("ssh-keygen", ["-qt", "ed25519", "-N", "", "-C", "", "-f", key]);
  const signers = [
    `ftl namespaces="file" ${await Deno.readTextFile(`${key}.pub`)}`,
  ];
  const other = join(folder, "ftl-of-another-kind");
  await Deno.writeTextFile(other, "");
  const script = await Deno.readTextFile(join(ROOT, "scripts/install.sh"));
  await Deno.writeTextFile(
    join(folder, "install.sh"),
    withSigners(script, signers.map((line) => line.trim())),
  );
  await writeSums(folder);
  await signSums(folder, { key, signers, from: "release_signers" });
  await Deno.remove(other);
}

/** Creates a collection as ansible-galaxy installs it. */
async function installCollection(home: string): Promise<void> {
  const folder = join(
    home,
    ".ansible/collections/ansible_collections/community/general/plugins/modules",
  );
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "ini_file.py"),
    `from ansible.module_utils.basic import AnsibleModule

names = "path section option value".split()
spec = {name: {"type": "str"} for name in names}
module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
module.exit_json(changed=True, path=module.params["path"])
`,
  );
}

/** Writes the user's SSH files, with the host names of the page. */
async function writeSshConfig(home: string, fleet: OpensshFleet) {
  await Deno.mkdir(join(home, ".ssh"), { mode: 0o700 });
  const { port, user, identityFile } = fleet.sshd;
  const lines = ["web1", "web2", "db1"].flatMap((name, i) => [
    `Host ${name}`,
    `  HostName ${fleet.hosts[i]!.address}`,
  ]);
  await Deno.writeTextFile(
    join(home, ".ssh/config"),
    [
      ...lines,
      "Host *",
      `  Port ${port}`,
      `  User ${user}`,
      `  IdentityFile ${identityFile}`,
      "",
    ].join("\n"),
    { mode: 0o600 },
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).sort();
}

/** The expected output of commands. */
const EXPECTED: readonly (readonly [command: string, seen: RegExp])[] = [
  ["sha256sum --check", /: OK\n/],
  ["ftl --version", /^ftl \d/m],
  ["ftl doctor\n", / 0 failed$/m],
  ["ftl inventory list", /^web1\nweb2\ndb1\n$/],
  ["ftl doctor -i hosts.ini web1", /^ {2}ok {4}gate /m],
  ["ftl run ping\n", /^db1,web\[1-2\] \(3\): ok\n {2}ping: pong/m],
  ["ftl run report", /found: it works/],
  ["ftl console", /ping: pong[^]*load average/],
  ["ftl run ping -i hosts.ini --gate", /\(3\): ok\n {2}ping: pong/],
  ["--uninstall", /removed .*\/bin\/ftl/],
];

const needs = [binary, python, lonelyNetworkNeed, sshdNeed];

Deno.test({
  name: "every command of docs/airgap.md works as the page says" +
    needs.map(({ suffix }) => suffix).join(""),
  ignore: needs.some(({ ignore }) => ignore),
  fn: async (t) => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    await using network = await makeLonelyNetwork();
    const fleet = await startOpensshFleet({
      hosts: 3,
      wrapper: network.wrapper,
    });
    await using bench = await makeBench([{
      name: "jmespath-1.0.1",
      files: {
        "jmespath/__init__.py":
          "def search(path, data):\n    for name in path.split('.'):\n" +
          "        data = data[name]\n    return data\n",
      },
    }]);
    try {
      const tools = join(folder, "tools");
      await Deno.mkdir(tools);
      for (const tool of TOOLS) {
        await Deno.symlink(findProgram(tool)!, join(tools, tool));
      }
      const make = async (name: MachineName) => {
        const isConnected = name === "connected";
        const machine = new Machine(join(folder, name), {
          wrapper: isConnected ? [] : network.wrapper,
          env: isConnected
            ? {
              PATH: "/usr/bin:/bin",
              // A folder stands in for the internet.
              PIP_NO_INDEX: "1",
              PIP_FIND_LINKS: bench.wheelhouse,
              PIP_DISABLE_PIP_VERSION_CHECK: "1",
            }
            : { PATH: tools },
        });
        await Deno.mkdir(machine.home, { recursive: true });
        return machine;
      };
      const machines = {
        connected: await make("connected"),
        bastion: await make("bastion"),
        second: await make("second"),
      };
      const { connected, bastion, second } = machines;
      await download(connected.home);
      await installCollection(connected.home);
      for (const { home } of [bastion, second]) {
        await writeSshConfig(home, fleet);
      }
      /** Copies a file from one machine to another. */
      const carry = async (path: string, from: Machine, to: Machine) =>
        await Deno.copyFile(
          join(from.home, path),
          join(to.home, path.split("/").at(-1)!),
        );

      let last: MachineName = "connected";
      for (const { on, script } of await readBlocks()) {
        if (last === "connected" && on === "bastion") {
          await carry("carry.tar.gz", connected, bastion);
        } else if (on === "second") {
          await carry("carry.tar.gz", connected, second);
          await carry("carry/nightly.pyz", bastion, second);
          await carry("carry/hosts.ini", bastion, second);
          await carry(".ssh/known_hosts", bastion, second);
          await Deno.rename(
            join(second.home, "known_hosts"),
            join(second.home, ".ssh/known_hosts"),
          );
        }
        last = on;
        await t.step(`${on}: ${script.trim().split("\n")[0]}`, async () => {
          const said = await machines[on].run(script);
          for (const [command, seen] of EXPECTED) {
            if (script.includes(command)) assertMatch(said, seen);
          }
        });
      }

      await t.step("only the transferred files remain", async () => {
        assertEquals(await namesIn(bastion.home), [
          ".cache",
          ".ssh",
          "carry",
          "carry.tar.gz",
        ]);
        assertEquals(await namesIn(join(bastion.home, ".cache")), []);
        assertEquals(await namesIn(join(bastion.home, ".ssh")), [
          "config",
          "known_hosts",
        ]);
        for (const { home, name } of fleet.hosts) {
          // `setup` asks rpm, where it is installed, which makes its database.
          const names = (await namesIn(home)).filter((each) =>
            each !== ".rpmdb"
          );
          assertEquals(names, [], name);
        }
      });
    } finally {
      await fleet.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
