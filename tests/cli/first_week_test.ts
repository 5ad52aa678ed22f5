// Runs every line of ftl in "Your first week from Ansible" of docs/from-ansible.md,
// in the page's order, on hosts behind a real SSH server. `/srv` is a folder of this
// test, and `# exits with N` says how a line ends.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { mainCommand } from "../support/ftl.ts";
import { findProgram, need } from "../support/need.ts";
import { writeTree } from "../support/source_tree.ts";
import { sshdNeed, startSshd } from "../support/sshd.ts";

const PAGE = new URL("../../docs/from-ansible.md", import.meta.url);
const ansible = needAnsible();
const sudo = need(
  "sudo without a password",
  Deno.uid() === 0 ? findProgram("sudo") : undefined,
);
const lack = [ansible, sshdNeed, sudo].find(({ ignore }) => ignore);

/** A line of the page, and the line of Ansible above it. */
interface Pair {
  readonly line: string;
  readonly ansible: string;
  readonly code: number;
}

async function pairs(): Promise<Pair[]> {
  const text = await Deno.readTextFile(PAGE);
  const section = text.split("\n## Your first week from Ansible\n")[1]!
    .split("\n## ")[0]!;
  const lines = [...section.matchAll(/```sh\n([^]*?)```/g)]
    .flatMap(([, block]) => block!.trim().split("\n"));
  assertEquals(lines.length % 2, 0);
  return lines.filter((_, index) => index % 2 === 1).map((text, index) => {
    const [, line = "", code = "0"] = /^(.*?)(?: # exits with (\d+))?$/
      .exec(text)!;
    return { line, ansible: lines[index * 2]!, code: Number(code) };
  });
}

Deno.test("the first week pairs each line of ftl with one of Ansible", async () => {
  const all = await pairs();
  assert(all.length > 40, "no lines were read");
  for (const { line, ansible } of all) {
    assert(/^ftl /.test(line), line);
    assert(
      /^(?:# nothing|(?:[A-Z_]+=\w+ )?ansible(?:-\w+)? )/.test(ansible),
      ansible,
    );
  }
});

Deno.test({
  name: `each line of the first week works${lack?.suffix ?? ""}`,
  ignore: lack !== undefined,
  fn: async (t) => {
    await using week = await Week.start();
    for (const { line, code } of await pairs()) {
      await t.step(line, async () => {
        const run = await week.run(line);
        assertEquals(run.code, code, `${run.stdout}\n${run.stderr}`);
      });
    }
  },
});

/** A folder with what the lines name, and hosts behind an SSH server. */
class Week implements AsyncDisposable {
  readonly #folder: string;
  readonly #sshd: Awaited<ReturnType<typeof startSshd>>;

  private constructor(
    folder: string,
    sshd: Awaited<ReturnType<typeof startSshd>>,
  ) {
    this.#folder = folder;
    this.#sshd = sshd;
  }

  static async start(): Promise<Week> {
    const folder = await Deno.makeTempDir({ prefix: "ftl-week-" });
    const sshd = await startSshd();
    const week = new Week(folder, sshd);
    const { port, user, hostKey, identityFile } = sshd;
    await writeTree(folder, {
      "ftl.yml": `inventory: hosts.yml\nmodule-dir: ${ansible.modules}\n` +
        "serial: 1\n", // all hosts are the same machine
      "hosts.yml": JSON.stringify({
        web: {
          hosts: { web1: {}, web2: {} },
          vars: { color: "green" },
        },
        db: { hosts: { db1: {} } },
        all: {
          vars: {
            ansible_host: "127.0.0.1",
            ansible_port: port,
            ansible_user: user,
            ansible_ssh_private_key_file: identityFile,
          },
        },
      }),
      "home/.ssh/known_hosts": `[127.0.0.1]:${port} ${hostKey}\n`,
      "install.sh": '#!/bin/sh\ntest "$1 $2" = "one two"\n',
      "site.j2": "host {{ inventory_hostname }}\n",
      "some.txt": "web1\ndb1\n",
      "become.txt": "not needed\n",
      "vars.yml": "color: blue\n",
      motd: "hello\n",
      "site/index.html": "<p>hello\n",
      "parts/1": "one\n",
      "parts/2": "two\n",
      "lines.txt": "ping\n!true\nset_fact a=1\ndebug var=a\n",
      "srv/.keep": "",
    });
    await Deno.copyFile(identityFile, join(folder, "key"));
    for (const secret of ["key", "become.txt"]) {
      await Deno.chmod(join(folder, secret), 0o600);
    }
    const tar = ["-C", join(folder, "site"), "-cf", "site.tar", "index.html"];
    const { success } = await new Deno.Command("tar", {
      args: tar,
      cwd: folder,
    }).output();
    assert(success);
    return week;
  }

  /** Runs a line in the shell, with `ftl` as the program. */
  async run(line: string) {
    const { command, env } = mainCommand(join(this.#folder, "home"));
    const words = command.map((word) => `'${word}'`).join(" ");
    const script = `ftl() { ${words} "$@"; }\n` +
      line.replaceAll("/srv", join(this.#folder, "srv"));
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", script],
      cwd: this.#folder,
      clearEnv: true,
      env,
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sshd.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
