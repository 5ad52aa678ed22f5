// Modules of other kinds than Ansible's own, through Ansible and through ftl on
// this machine: they are given the same arguments, in files of the same form.
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { splitWords } from "../../src/core/shell/shell_words.ts";
import { needAnsible, runAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";

const need = needAnsible();

/** Each prints, in base64, the text in which it was given its arguments. */
const SOURCES: Record<string, string> = {
  words_sh: `#!/bin/bash
printf '{"text": "%s", "count": %d}' "$(base64 -w0 <"$1")" $#
`,
  sourced_sh: `#!/bin/bash
. "$1"
printf '{"text": "%s", "count": %d}' "$(printf %s "$a|$list|$on" | base64 -w0)" $#
`,
  words_py: `#!/usr/bin/python3
import base64, sys
data = open(sys.argv[1], "rb").read()
print('{"text": "%s", "count": %d}' % (base64.b64encode(data).decode(), len(sys.argv) - 1))
`,
  json_sh: `#!/bin/bash
# WANT_JSON
printf '{"text": "%s", "count": %d}' "$(base64 -w0 <"$1")" $#
`,
  marked_sh: `#!/bin/bash
# WANT_JSON is not read beside the marker.
text=$(base64 -w0 <<'END'
<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>
END
)
printf '{"text": "%s", "count": %d}' "$text" $#
`,
};

const ARGS = {
  a: "it's $HOME; \\n é",
  list: ["a b", 1, null, { k: 1.5 }],
  on: true,
  none: null,
  empty: "",
};

/** Folders, which each has for itself. */
const OWN = ["_ansible_tmpdir", "_ansible_remote_tmp"];

Deno.test({
  name: `modules of other kinds are given what Ansible gives${need.suffix}`,
  ignore: need.ignore,
  fn: async (t) => {
    await using account = await createAccount();
    const folder = join(account.home, "kinds");
    await Deno.mkdir(folder);
    for (const [name, source] of Object.entries(SOURCES)) {
      await Deno.writeTextFile(join(folder, name), source);
    }
    await Deno.writeTextFile(
      join(account.home, "hosts.ini"),
      "here ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n",
    );
    for (const name of Object.keys(SOURCES)) {
      await t.step(name, async () => {
        const actual = await withFtl(name, { account, folder });
        assertEquals(actual, await withAnsible(name, account.home));
      });
    }
  },
});

interface Given {
  count: number;
  args: unknown;
}

async function withAnsible(name: string, home: string): Promise<Given> {
  const hosts = await runAnsible([
    ...["-i", join(home, "hosts.ini"), "here", "-m", name],
    ...["-M", join(home, "kinds"), "-a", JSON.stringify(ARGS)],
  ], { HOME: home });
  return read(name, hosts.here!);
}

async function withFtl(
  name: string,
  { account, folder }: {
    account: Awaited<ReturnType<typeof createAccount>>;
    folder: string;
  },
): Promise<Given> {
  const { stdout, stderr } = await account.ftl([
    ...["run", name, "-a", JSON.stringify(ARGS), "--format", "json"],
    ...["-i", join(account.home, "hosts.ini"), "-M", folder],
    ...[
      "-M",
      need.modules,
      "--module-utils",
      join(dirname(need.modules), "module_utils"),
    ],
  ]);
  const found = JSON.parse(stdout || "{}").results?.here;
  if (!found?.result?.text) throw new Error(stdout + stderr);
  return read(name, found.result);
}

function read(name: string, result: Record<string, unknown>): Given {
  const bytes = Uint8Array.from(
    atob(String(result.text)),
    (char) => char.charCodeAt(0),
  );
  const text = new TextDecoder().decode(bytes);
  const count = Number(result.count);
  if (name === "sourced_sh") return { count, args: text };
  if (text.startsWith("{")) return { count, args: readJson(text) };
  const words = splitWords(text).map((word) => {
    const [key = "", ...value] = word.text.split("=");
    return [key, value.join("=")];
  });
  return { count, args: withoutOwn(Object.fromEntries(words)) };
}

/** The arguments, and whether the blanks are where Ansible has them. */
function readJson(text: string): unknown {
  const args = JSON.parse(text);
  return [
    withoutOwn(args),
    /^\{"a": "it's .*", "list": \["a b", 1, null/.test(text),
  ];
}

function withoutOwn(args: Record<string, unknown>): Record<string, unknown> {
  for (const name of OWN) delete args[name];
  return args;
}
