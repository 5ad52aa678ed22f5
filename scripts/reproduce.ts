// Builds everything twice, as differently as one machine allows, and compares the
// bytes: in two folders, with another umask, locale, time zone and HOME. Prints the
// sums; the exit status is 1 where a file differs.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import { run, thisMachine } from "./compile/targets.ts";
import { whyNotNative } from "./compile/native.ts";
import { takeNoArguments } from "./run_program.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const USAGE = `Usage: deno task reproduce

Makes the binary and the packages twice, and prints their sums. Exits with 1 when
a file differs.`;
/** What a build reads of a checkout. */
const SOURCES = [
  ...["LICENSE", "deno.json", "deno.lock", "main.ts", "release_signers"],
  ...["docs", "scripts", "src", "std"],
];
const BUILDS = [
  { folder: "one", umask: "022", LC_ALL: "C", TZ: "UTC" },
  {
    folder: "another/deeper",
    umask: "077",
    LC_ALL: "C.UTF-8",
    TZ: "Asia/Tokyo",
  },
] as const;

/** Builds in a copy of this checkout, and returns the text of its SHA256SUMS. */
async function build(
  top: string,
  { folder, umask, ...locale }: typeof BUILDS[number],
  form: "native" | "portable",
): Promise<string> {
  const checkout = join(top, folder);
  await Deno.mkdir(checkout, { recursive: true });
  for (const name of SOURCES) {
    await run("cp", ["-a", join(ROOT, name), checkout]);
  }
  await run("cp", ["-al", join(ROOT, "node_modules"), checkout]);
  const home = join(top, `${folder.replaceAll("/", "-")}-home`);
  await Deno.mkdir(home);
  const output = join(checkout, "dist");
  for (const script of [[`compile.ts`, `--${form}`], ["package.ts"]]) {
    const [name, ...options] = script;
    await run("sh", [
      "-c",
      `umask ${umask};cd "$1";shift;exec "$@"`,
      ...["sh", checkout, Deno.execPath(), "run", "-A"],
      ...[join(checkout, "scripts", name!), ...options, "--output", output],
    ], { ...locale, HOME: home, DENO_DIR: await denoFolder() });
  }
  return await Deno.readTextFile(join(output, "SHA256SUMS"));
}

async function denoFolder(): Promise<string> {
  return JSON.parse(await run(Deno.execPath(), ["info", "--json"])).denoDir;
}

async function main(): Promise<number> {
  const target = thisMachine();
  const form = target && await whyNotNative(target) === undefined
    ? "native"
    : "portable";
  const top = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "ftl-reproduce-" }),
  );
  try {
    const [one, other] = await Promise.all([
      build(top, BUILDS[0], form),
      build(top, BUILDS[1], form),
    ]);
    console.log(`${form}:\n${one.trimEnd()}`);
    if (one === other) return 0;
    console.error(`The second build differs:\n${other.trimEnd()}`);
    return 1;
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

if (import.meta.main) {
  takeNoArguments(USAGE);
  Deno.exit(await main());
}
