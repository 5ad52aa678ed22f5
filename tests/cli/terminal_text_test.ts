// Names with control sequences or bidirectional marks: every command escapes them
// in everything that it prints.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";

const EVIL = "e\x9b2J\u202e\u2066\u061c\u2028\u200b\u{e0041}vil";
const UNSAFE =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

const INVENTORY = {
  [`g${EVIL}`]: {
    hosts: { [`h${EVIL}`]: { [`v${EVIL}`]: EVIL, ansible_host: EVIL } },
  },
};

/** The printed text, and a part of it that must be there. */
const COMMANDS: readonly [args: string[], shown: RegExp][] = [
  [["inventory", "list", "-i", "INV"], /^he\\x9b2J\\u202e/],
  [["inventory", "list", "-i", "INV", "--format", "json"], /e\\u009b2J/],
  [["inventory", "graph", "-i", "INV"], /@ge\\x9b2J/],
  [["inventory", "show", "-i", "INV", `h${EVIL}`], /groups: ge\\x9b/],
  [["inventory", "show", "-i", "INV", `x${EVIL}`], /Cannot show xe\\x9b/],
  [["inventory", "explain", "-i", "INV", `h${EVIL}`], /he\\x9b/],
  [["exec", "-i", "INV", "--list-hosts", "--", "id"], /^he\\x9b2J/],
  [["exec", "-i", "INV", "-l", EVIL, "--", "id"], /e\\x9b2J/],
  [["exec", "-i", "INV", "-c", "local", "--", "true"], /he\\x9b2J/],
  [["inventory", "list", "-i", `/no/${EVIL}`], /\/no\/e\\x9b2J/],
  [["inventory", "list", "-i", "BAD"], /e\\x9b2J/],
  [["inventory", "list", "-i", "SCRIPT"], /status 3: it is e\\x9b2J/],
  [["inventory", "list", "-i", "TWICE"], /the key e\\x9b2J/],
  [["inventory", "list", "-i", "LINKS"], /a link to \/no\/e\\x9b2J/],
  [["inventory", "list", "-i", "h,", "-e", "@TAG"], /the alias \*e\\x9b2J/],
  [["run", EVIL, "-i", "h,", "@TAG"], /the alias \*e\\x9b2J/],
  [["run", "x", "-i", "h,", `@/no/${EVIL}`], /\/no\/e\\x9b2J/],
  [["module", "list", "-M", "MODULES"], /me\\x9b2J/],
  [["module", "doc", "-M", "MODULES", EVIL], /e\\x9b2J/],
  [["gate", "show", `/no/${EVIL}`], /\/no\/e\\x9b2J/],
  [["doctor", "-i", "INV", `h${EVIL}`], /e\\x9b2J/],
  [[EVIL], /Unknown command 'e\\x9b2J/],
  [["run", `--${EVIL}`], /Unknown option '--e\\x9b2J/],
];

Deno.test("no name reaches the terminal unescaped", async (t) => {
  await using account = await createAccount();
  const folder = account.home;
  const paths: Record<string, string> = {
    INV: join(folder, "hosts.yml"),
    BAD: join(folder, "bad.ini"),
    MODULES: join(folder, "modules"),
    SCRIPT: join(folder, "script.sh"),
    TWICE: join(folder, "twice.yml"),
    LINKS: join(folder, "links"),
    "@TAG": `@${join(folder, "tag.yml")}`,
  };
  await Deno.writeTextFile(
    paths.SCRIPT!,
    `#!/bin/sh\necho "it is ${EVIL}" >&2; exit 3\n`,
    { mode: 0o755 },
  );
  await Deno.writeTextFile(
    paths.TWICE!,
    `all:\n  vars:\n    ? "${EVIL}"\n    : 1\n    ? "${EVIL}"\n    : 2\n`,
  );
  await Deno.mkdir(paths.LINKS!);
  await Deno.symlink(`/no/${EVIL}`, join(paths.LINKS!, "hosts"));
  await Deno.writeTextFile(join(folder, "tag.yml"), `a: *${EVIL}\n`);
  await Deno.writeTextFile(paths.INV!, JSON.stringify(INVENTORY));
  await Deno.writeTextFile(paths.BAD!, `[x${EVIL}\n${EVIL} ${EVIL}\n`);
  await Deno.mkdir(paths.MODULES!);
  await Deno.writeTextFile(
    join(paths.MODULES!, `m${EVIL}.py`),
    "# WANT_JSON\n",
  );
  for (const [args, shown] of COMMANDS) {
    const words = args.map((word) => paths[word] ?? word);
    const name = args.slice(0, 4).join(" ").replace(/[^ -~]+/g, "?");
    await t.step(JSON.stringify(name), async () => {
      const { stdout, stderr } = await account.ftl(words);
      const text = stdout + stderr;
      assertMatch(text, shown);
      assertEquals(UNSAFE.exec(text), null, JSON.stringify(text));
    });
  }
});
