// The binary in dist/ in its intended environment: on a bastion that can reach
// only its hosts, with an empty HOME, without Deno, npm or python3 on PATH.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { processContext } from "../../src/cli/commands/context.ts";
import { subcommandsFor } from "../../src/cli/subcommands_for.ts";
import { createProgram, runProgram } from "../../src/cli/program.ts";
import { EVERY_COMMAND } from "../../src/cli/every_command.ts";
import { VERSION } from "../../src/cli/process/version.ts";
import { needAnsible } from "../support/ansible.ts";
import { isPortable, needBinary, RUNTIME_DIR } from "../support/binary.ts";
import { MODULES, type Outcome } from "../support/ftl.ts";
import {
  lonelyNetworkNeed,
  makeLonelyNetwork,
} from "../support/lonely_network.ts";
import { findProgram, type Need, need } from "../support/need.ts";
import {
  type OpensshFleet,
  sshdNeed,
  startOpensshFleet,
} from "../support/openssh_fleet.ts";

const binary = await needBinary();
const ansible = needAnsible();
const tracing = need("right to trace", canTrace() ? "/" : undefined);

// The programs that the head of a portable binary needs.
const TOOLS = "cut dd chmod find gzip id ls mkdir mv rm sh sha256sum tar".split(
  " ",
);

// The folder that all users share has no unpacked binary.
const ALONE = [
  findProgram("unshare") ?? "",
  ...["-m", findProgram("sh") ?? "", "-c"],
  `${findProgram("mount")} -t tmpfs none /var/tmp && exec "$@"`,
  "sh",
];

function canTrace(): boolean {
  if (findProgram("strace") === undefined) return false;
  return new Deno.Command("strace", {
    args: ["-f", "-o", "/dev/null", "true"],
    stderr: "null",
  }).outputSync().success;
}

/** Adds what is missing to a test's name. */
function needing(name: string, ...needs: Need[]) {
  return {
    name: name + needs.map(({ suffix }) => suffix).join(""),
    ignore: needs.some(({ ignore }) => ignore),
  };
}

/** A machine with only the binary, and three hosts that it can reach. */
interface Bastion extends AsyncDisposable {
  readonly home: string;
  readonly temporary: string;
  readonly fleet: OpensshFleet;
  /** Runs the binary to its end. */
  ftl(args: readonly string[], options?: {
    input?: string;
    env?: Record<string, string>;
    /** A command that starts the binary. */
    wrapper?: readonly string[];
  }): Promise<Outcome>;
}

async function makeBastion(): Promise<Bastion> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const [home, temporary, tools] = ["home", "tmp", "tools"].map((name) =>
    join(folder, name)
  ) as [string, string, string];
  for (const path of [home, temporary, tools]) await Deno.mkdir(path);
  for (const tool of TOOLS) {
    await Deno.symlink(findProgram(tool)!, join(tools, tool));
  }
  const network = await makeLonelyNetwork();
  const fleet = await startOpensshFleet({
    hosts: 3,
    wrapper: network.wrapper,
  });
  return {
    home,
    temporary,
    fleet,
    ftl: async (args, { input = "", env = {}, wrapper = [] } = {}) => {
      const words = [
        ...network.wrapper,
        ...ALONE,
        ...wrapper,
        binary.path,
        ...args,
      ];
      const child = new Deno.Command(findProgram(words[0]!)!, {
        args: words.slice(1),
        clearEnv: true,
        env: { HOME: home, PATH: tools, TMPDIR: temporary, ...env },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input));
      await writer.close();
      const { code, stdout, stderr } = await child.output();
      const text = new TextDecoder();
      return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
    },
    [Symbol.asyncDispose]: async () => {
      await fleet.stop();
      await network[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).sort();
}

Deno.test({
  ...needing(
    "the binary works on a machine without other software and without internet",
    binary,
    lonelyNetworkNeed,
    sshdNeed,
  ),
  fn: async (t) => {
    await using bastion = await makeBastion();
    const { ftl, fleet } = bastion;
    const hosts = [...fleet.flags, "-M", MODULES];
    const gate = join(bastion.home, "..", "greet.pyz");

    await t.step("ftl --version", async () => {
      const { code, stdout, stderr } = await ftl(["--version"]);
      assertEquals([code, stdout, stderr], [0, `ftl ${VERSION}\n`, ""]);
    });

    await t.step("ftl licenses", async () => {
      const { code, stdout } = await bastion.ftl(["licenses"]);
      assertEquals(code, 0);
      assertMatch(stdout, /^ssh2 1\.\d+\.\d+\n\nCopyright /m);
    });

    await t.step("ftl --version for a user without a home", async () => {
      const env = {
        HOME: "/dev/null",
        FTL_RUNTIME_DIR: bastion.home + "/.cache/ftl",
      };
      const { code, stderr } = await ftl(["--version"], { env });
      assertEquals([code, stderr], [0, ""]);
    });

    await t.step("ftl demo", async () => {
      const { code, stdout, stderr } = await ftl(["demo"]);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^Sent the gate once to each host/m);
    });

    await t.step("ftl run, and again with the gates in place", async () => {
      for (const kept of ["built, sent to 3", "reused, sent to 0"]) {
        const run = await ftl(["run", "greet", ...hosts, "-v"]);
        assertEquals(run.code, 0, run.stderr);
        assertMatch(run.stdout, /^h\[01-03\] \(3\): ok/m);
        assertMatch(run.stderr, new RegExp(`gate \\w+ ${kept} hosts`));
      }
    });

    await t.step("ftl exec", async () => {
      const args = ["exec", ...fleet.flags, "--", "echo $((6 * 7))"];
      const { code, stdout } = await ftl(args);
      assertEquals(code, 0);
      assertMatch(stdout, /^ {2}42$/m);
    });

    await t.step("ftl console, fed by a pipe", async () => {
      const { code, stdout } = await ftl(["console", ...hosts], {
        input: "greet\n!echo over\n",
      });
      assertEquals(code, 0);
      assertMatch(stdout, /over/);
    });

    await t.step("ftl gate build here, ftl run --gate there", async () => {
      const built = await ftl([
        "gate",
        "build",
        "greet",
        "-M",
        MODULES,
        "-o",
        gate,
      ]);
      assertEquals(built.code, 0, built.stderr);
      const run = await ftl(["run", "greet", ...fleet.flags, "--gate", gate]);
      assertEquals(run.code, 0, run.stderr);
    });

    await t.step("a gate that was changed in transit is refused", async () => {
      const bytes = await Deno.readFile(gate);
      bytes[bytes.length >> 1]! ^= 1;
      await Deno.writeFile(gate, bytes);
      const run = await ftl(["run", "greet", ...fleet.flags, "--gate", gate]);
      assertEquals(run.code, 2);
      assertMatch(run.stderr, /^ftl: Cannot use the gate /);
    });

    await t.step("an inventory with templates", async () => {
      const inventory = join(bastion.home, "..", "hosts.yml");
      const text = await Deno.readTextFile(fleet.inventory);
      await Deno.writeTextFile(
        inventory,
        text.replaceAll("ansible_host: 127", 'ansible_host: "{{ 127 }}')
          .replaceAll(/(\{\{ 127 \}\}[\d.]+)/g, '$1"'),
      );
      const args = ["exec", "-i", inventory, ...fleet.flags.slice(2)];
      assertEquals((await ftl([...args, "--", "true"])).code, 0);
    });

    await t.step({
      ...needing("an Ansible module", ansible),
      fn: async () => {
        const args = ["run", "ping", ...fleet.flags, "-M", ansible.modules];
        const { code, stdout, stderr } = await ftl(args);
        assertEquals(code, 0, stderr);
        assertMatch(stdout, /ping: pong/);
      },
    });

    await t.step("nothing else was written", async () => {
      assertEquals(await namesIn(bastion.temporary), []);
      if (!await isPortable(binary.path)) {
        return assertEquals(await namesIn(bastion.home), [".ftl"]);
      }
      assertEquals(await namesIn(bastion.home), [".cache", ".ftl"]);
      const cache = join(bastion.home, ".cache");
      assertEquals(await namesIn(cache), ["ftl"]);
      assertEquals((await namesIn(join(cache, "ftl"))).length, 1);
    });
  },
});

Deno.test({
  ...needing(
    "the binary writes only documented files, and contacts only its hosts",
    binary,
    lonelyNetworkNeed,
    sshdNeed,
    tracing,
  ),
  fn: async () => {
    await using bastion = await makeBastion();
    const { fleet, home } = bastion;
    const trace = join(bastion.home, "..", "trace");
    const wrapper = [
      findProgram("strace")!,
      ...["-A", "-f", "-qq", "-y", "-s", "200", "-o", trace],
      "--trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2," +
      "link,linkat,symlink,symlinkat,connect,sendto,sendmsg,bind",
    ];
    const script = join(bastion.home, "..", "lines");
    await Deno.writeTextFile(script, "greet\n!true\n");
    const hosts = [...fleet.flags, "-M", MODULES];
    for (
      const args of [
        ["run", "greet", ...hosts],
        ["console", "--script", script, ...hosts],
        ["gate", "build", "greet", "-M", MODULES],
        ["doctor", "h01", ...hosts],
      ]
    ) {
      const { code, stderr } = await bastion.ftl(args, { wrapper });
      assertEquals(code, 0, stderr);
    }
    const lines = (await Deno.readTextFile(trace)).split("\n")
      .filter((line) => !/ = -1 E(?!INPROGRESS)/.test(line));
    const inet = lines.filter((line) => /AF_INET6?|AF_UNIX/.test(line));
    assert(inet.length >= 3, "no connection was seen");
    for (const line of inet) {
      assert(
        line.includes(`htons(${fleet.sshd.port})`) &&
          line.includes('inet_addr("127.0.1.'),
        `not to a host: ${line}`,
      );
    }
    assertEquals(lines.filter((line) => line.includes("resolv.conf")), []);
    const allowed = [home + "/.ftl", home + "/.cache", "/dev/"]
      .flatMap((path) => [`"${path}`, `<${path}`])
      .concat('mkdir(".cache"', 'mkdir("ftl"'); // `mkdir -p` walks down
    const written = lines.filter((line) =>
      /O_CREAT|O_WRONLY|O_RDWR|^\d+ +(creat|mkdir|rename|link|symlink)/.test(
        line,
      )
    );
    assert(written.length > 0, "nothing was seen to be written");
    for (const line of written) {
      assert(
        allowed.some((place) => line.includes(place)),
        `not where it may write: ${line}`,
      );
    }
  },
});

Deno.test({
  ...needing("every help page is the same as from the sources", binary),
  fn: async () => {
    const context = processContext(new AbortController().signal);
    const program = createProgram(
      { context, action: () => async () => {} },
      EVERY_COMMAND,
    );
    const pages = [
      [],
      ...program.commands.flatMap((command) => [
        [command.name()],
        ...command.commands.map((inner) => [command.name(), inner.name()]),
      ]),
    ];
    for (const page of pages) {
      let expected = "";
      await runProgram([...page, "--help"], {
        ...context,
        out: (text) => expected += text,
      }, subcommandsFor);
      const { stdout } = await new Deno.Command(binary.path, {
        args: [...page, "--help"],
        env: { FTL_RUNTIME_DIR: RUNTIME_DIR },
      }).output();
      assertEquals(new TextDecoder().decode(stdout), expected, page.join(" "));
    }
  },
});
