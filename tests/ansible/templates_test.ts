// Renders templates with Ansible's module template and with ftl's, for hosts of two
// groups, and compares every byte. The templates are made of what public roles do.
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";

const need = needAnsible();
const FIXTURES = fromFileUrl(new URL("../fixtures/templates", import.meta.url));
const HOSTS = ["w1", "d1.example.com"];
const ENV = { FTL_TEMPLATE_TEST: "from env" };

/** The names of the templates, without `.j2`. */
function templateNames(): string[] {
  return [...Deno.readDirSync(join(FIXTURES, "templates"))]
    .filter(({ isFile }) => isFile)
    .map(({ name }) => name.replace(/\.j2$/, ""))
    .sort();
}

Deno.test({
  name: `template writes what Ansible's writes, to the byte${need.suffix}`,
  ignore: need.ignore,
  fn: async () => {
    await using site = await makeSite();
    const { folder } = site;
    const names = templateNames();
    for (const side of ["ansible", "ftl"]) {
      for (const host of HOSTS) {
        await Deno.mkdir(join(folder, side, host), { recursive: true });
      }
    }
    await Promise.all([
      writeWithAnsible(folder, names),
      writeWithFtl(folder, names),
    ]);
    const different: string[] = [];
    for (const name of names) {
      for (const host of HOSTS) {
        const [theirs, ours] = await Promise.all(
          ["ansible", "ftl"].map((side) =>
            read(join(folder, side, host, name))
          ),
        );
        if (theirs !== ours) {
          different.push(`${name} on ${host}:\n${theirs}\n--- ftl:\n${ours}`);
        }
      }
    }
    assertEquals(different.join("\n"), "");
  },
});

/** A folder with the templates and their inventory. */
async function makeSite(): Promise<AsyncDisposable & { folder: string }> {
  const top = await Deno.makeTempDir({ prefix: "ftl-templates-" });
  const folder = join(top, "site");
  await new Deno.Command("cp", { args: ["-r", FIXTURES, folder] }).output();
  return {
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(top, { recursive: true }),
  };
}

async function writeWithAnsible(
  folder: string,
  names: readonly string[],
): Promise<void> {
  const playbook = [{
    hosts: HOSTS.join(","),
    gather_facts: false,
    tasks: [{
      template: {
        src: "{{ item }}.j2",
        dest: `${folder}/ansible/{{ inventory_hostname }}/{{ item }}`,
      },
      loop: names,
      ignore_errors: true,
    }],
  }];
  await Deno.writeTextFile(join(folder, "play.yml"), JSON.stringify(playbook));
  const { stdout, stderr } = await new Deno.Command("ansible-playbook", {
    args: ["-i", "hosts.yml", "play.yml"],
    cwd: folder,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: folder,
      LC_ALL: "C.UTF-8",
      ANSIBLE_PIPELINING: "1",
      ...ENV,
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.includes("PLAY RECAP")) {
    throw new Error(text + new TextDecoder().decode(stderr));
  }
  const failed = text.split("\n").filter((line) => /^failed:/.test(line));
  assertEquals(failed, []);
}

async function writeWithFtl(
  folder: string,
  names: readonly string[],
): Promise<void> {
  await using account = await createAccount({ cwd: folder, env: ENV });
  const lines = names.map((name) =>
    `template src=${name}.j2 ` +
    `dest=${folder}/ftl/{{inventory_hostname}}/${name}\n`
  );
  await Deno.writeTextFile(join(folder, "lines.txt"), lines.join(""));
  const { code, stdout, stderr } = await account.ftl([
    ...["console", "-i", "hosts.yml", "-l", HOSTS.join(":")],
    ...["-M", need.modules, "--script", "lines.txt", "--keep-going", "-q"],
  ]);
  assertEquals({ code, stdout, stderr }, { code: 0, stdout, stderr });
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    return `not written: ${(error as Error).name}`;
  }
}
