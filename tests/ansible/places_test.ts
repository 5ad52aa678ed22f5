// Modules in odd encodings, places and languages, through Ansible and through ftl
// on this machine: both find the same file, and it says the same.
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { needAnsible, runAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";

const need = needAnsible();

const NEW = `from ansible.module_utils.basic import AnsibleModule
AnsibleModule(argument_spec={}).exit_json(said=u"caf\u00e9 SAID")
`;
const SH = `#!/bin/sh\nprintf '{"said": "%s"}' "\${0##*/} caf\u00e9" >&1\n`;
const COLLECTION = "collections/ansible_collections/acme/tools/plugins/modules";

/** Path to text, and its encoding; a text that starts with `->` is a link. */
const FILES: Record<string, readonly [text: string, encoding?: "latin1"]> = {
  "lib/latin1.py": [`#!/usr/bin/python3\n# coding: latin-1\n${NEW}`, "latin1"],
  "lib/second_line.py": [`# x\n# vim: fileencoding=latin_1\n${NEW}`, "latin1"],
  "lib/mark.py": [`\ufeff${NEW}`],
  "lib/crlf.py": [
    `#!/usr/bin/python3\n# coding: latin-1\n${NEW}`.replaceAll("\n", "\r\n"),
    "latin1",
  ],
  "lib/with_util.py": [
    "from ansible.module_utils.basic import AnsibleModule\n" +
    "from ansible.module_utils.odd import SAID\n" +
    "AnsibleModule(argument_spec={}).exit_json(said=SAID)\n",
  ],
  "utils/odd.py": ['# coding: latin-1\nSAID = u"caf\u00e9"\n', "latin1"],
  "lib/old.py": [
    '#!/usr/bin/python3\n# coding: latin-1\nprint("{\\"said\\": \\"%s\\"}" % len("caf\u00e9"))\n',
    "latin1",
  ],
  "lib/latin1_sh": [
    `#!/bin/sh\n# caf\u00e9\necho '{"said": "sh"}'\n`,
    "latin1",
  ],
  "lib/tool.sh": [`#!/bin/sh\necho '{"said": "tool"}'\n`],
  "lib/ping.sh": [`#!/bin/sh\necho '{"said": "mine"}'\n`],
  "lib/_leaving.py": [NEW.replace("SAID", "leaving")],
  "lib/_alias.py": ["->latin1.py"],
  "lib/linked.py": ["->../elsewhere/other.py"],
  "elsewhere/other.py": [NEW.replace("SAID", "other")],
  [`${COLLECTION}/in_sh.sh`]: [`#!/bin/sh\necho '{"said": "in sh"}'\n`],
  [`${COLLECTION}/bare`]: [`#!/bin/sh\necho '{"said": "bare"}'\n`],
  [`${COLLECTION}/sub/deep.rb`]: [`#!/bin/sh\necho '{"said": "deep"}'\n`],
};
const NAMES = [
  ..."latin1 second_line mark crlf with_util latin1_sh tool".split(" "),
  ..."ping ansible.legacy.ping leaving alias linked".split(" "),
  ..."acme.tools.in_sh acme.tools.bare acme.tools.sub.deep".split(" "),
];

Deno.test({
  name: `modules are found and read as Ansible does${need.suffix}`,
  ignore: need.ignore,
  fn: async (t) => {
    await using account = await createAccount();
    const { home } = account;
    await makeFiles(home);
    for (const name of NAMES) {
      await t.step(name, async () => {
        const said = (await withFtl(account, name)).said;
        assertEquals(said, (await withAnsible(home, name)).said);
        assertEquals(typeof said, "string");
      });
    }
    // Ansible writes `coding: utf-8` above it, and fails.
    await t.step("old", async () => {
      assertEquals((await withFtl(account, "old")).said, "4");
    });
    await t.step("script sees its own name in $0", async () => {
      const script = join(home, "my script.sh");
      await Deno.writeTextFile(script, SH);
      const args = ["-a", `"${script}"`];
      const said = ({ stdout }: Result) => /\{.*\}/.exec(String(stdout))?.[0];
      const actual = said(await withFtl(account, "script", args));
      assertEquals(actual, '{"said": "my script.sh caf\u00e9"}');
      assertEquals(said(await withAnsible(home, "script", args)), actual);
    });
  },
});

type Result = Record<string, unknown>;

async function makeFiles(home: string): Promise<void> {
  for (const [path, [text, encoding]] of Object.entries(FILES)) {
    const file = join(home, path);
    await Deno.mkdir(dirname(file), { recursive: true });
    if (text.startsWith("->")) await Deno.symlink(text.slice(2), file);
    else if (encoding === undefined) await Deno.writeTextFile(file, text);
    else {
      const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
      await Deno.writeFile(file, bytes);
    }
  }
  await Deno.writeTextFile(
    join(home, "hosts.ini"),
    "here ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n",
  );
}

async function withAnsible(
  home: string,
  name: string,
  args: string[] = [],
): Promise<Result> {
  const hosts = await runAnsible(
    ["-i", join(home, "hosts.ini"), "here", "-m", name, ...args],
    {
      HOME: home,
      ANSIBLE_LIBRARY: join(home, "lib"),
      ANSIBLE_MODULE_UTILS: join(home, "utils"),
      ANSIBLE_COLLECTIONS_PATH: join(home, "collections"),
    },
  );
  return hosts.here!;
}

async function withFtl(
  account: Awaited<ReturnType<typeof createAccount>>,
  name: string,
  args: string[] = [],
): Promise<Result> {
  const at = (path: string) => join(account.home, path);
  const { stdout, stderr } = await account.ftl([
    ...["run", name, ...args, "--format", "json", "-i", at("hosts.ini")],
    ...["-M", at("lib"), "-M", need.modules, "--module-utils", at("utils")],
    ...["--collections-path", at("collections")],
  ]);
  const result = JSON.parse(stdout || "{}").results?.here?.result;
  if (!result) throw new Error(stdout + stderr);
  return result;
}
