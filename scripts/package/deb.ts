// A package for Debian and what descends from it (deb(5), deb-control(5)).
import { join } from "@std/path";
import { DESCRIPTION, SUMMARY } from "./about.ts";
import { runProgram } from "./run_program.ts";
import { EPOCH_S, type Stage } from "./stage.ts";

/** Debian's names of machines, by those of `uname`. */
const MACHINES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
};

/** Makes the package; resolves to its path. */
export async function buildDeb(
  { folder, version, machine }: Stage,
  output: string,
): Promise<string> {
  const architecture = MACHINES[machine] ?? machine;
  const about = join(folder, "DEBIAN");
  await Deno.mkdir(about);
  const size = (await runProgram("du", ["-sk", join(folder, "usr")]))
    .split("\t")[0];
  await Deno.writeTextFile(
    join(about, "control"),
    [
      "Package: ftl",
      `Version: ${version}`,
      `Architecture: ${architecture}`,
      "Section: admin",
      "Priority: optional",
      "Maintainer: The ftl authors <ftl@localhost>",
      `Installed-Size: ${size}`,
      // Deno needs it.
      "Depends: libc6 (>= 2.27)",
      "Recommends: openssh-client",
      `Description: ${SUMMARY}`,
      ...DESCRIPTION.map((line) => ` ${line}`),
      "",
    ].join("\n"),
  );
  await Deno.chmod(about, 0o755);
  await Deno.chmod(join(about, "control"), 0o644);
  const path = join(output, `ftl_${version}_${architecture}.deb`);
  try {
    await runProgram(
      "dpkg-deb",
      ["--root-owner-group", "-Zgzip", "--build", folder, path],
      { SOURCE_DATE_EPOCH: String(EPOCH_S) },
    );
  } finally {
    await Deno.remove(about, { recursive: true });
  }
  return path;
}
