import { assertStringIncludes } from "@std/assert";
import { CALL_DEFAULTS } from "../../../src/core/call/call_defaults.ts";
import { SSH_DEFAULTS } from "../../../src/transport/transport.ts";

/** The doc comment of a member in a file of src/core. */
async function docOf(file: string, member: string): Promise<string> {
  const url = new URL(`../../../src/core/${file}`, import.meta.url);
  const before = (await Deno.readTextFile(url))
    .split(new RegExp(`^  (?:readonly )?${member}\\?:`, "m"))[0]!;
  return before.slice(before.lastIndexOf("/**"));
}

function inGroups(number: number): string {
  return new Intl.NumberFormat("en").format(number).replaceAll(",", " ");
}

const DOCUMENTED: [file: string, member: string, value: string][] = [
  ["call/call.ts", "timeoutMs", inGroups(CALL_DEFAULTS.timeoutMs)],
  [
    "call/call.ts",
    "max_size",
    `${CALL_DEFAULTS.maxFetchBytes / 1024 ** 3} GiB`,
  ],
  ["run/open_fleet.ts", "fanout", inGroups(CALL_DEFAULTS.fanout)],
  [
    "run/open_fleet.ts",
    "connectTimeoutMs",
    inGroups(SSH_DEFAULTS.connectTimeoutMs),
  ],
];

for (const [file, member, value] of DOCUMENTED) {
  Deno.test(`the doc comment of ${member} in ${file} states the default`, async () => {
    assertStringIncludes(await docOf(file, member), `Default: ${value}.`);
  });
}
