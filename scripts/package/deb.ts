// Debian packages, made by dpkg-deb.
import { join } from "@std/path";
import { run } from "../compile/targets.ts";
import { ABOUT, type PackageOptions } from "./about.ts";
import { TIME_S } from "./tree.ts";

/** Debian's names of machines, by ours. */
const MACHINES: Readonly<Record<string, string>> = {
  "linux-x64": "amd64",
  "linux-arm64": "arm64",
};

/**
 * Makes a Debian package of a folder, and returns its path.
 *
 * @throws {Error} with dpkg-deb's output.
 */
export async function makeDeb(
  { tree, target, version, output }: PackageOptions,
): Promise<string> {
  const machine = MACHINES[target]!;
  const control = join(tree, "DEBIAN/control");
  await Deno.mkdir(join(tree, "DEBIAN"));
  await Deno.chmod(join(tree, "DEBIAN"), 0o755);
  await Deno.writeTextFile(
    control,
    `Package: ftl
Version: ${version}
Architecture: ${machine}
Maintainer: ${ABOUT.maintainer}
Installed-Size: ${await sizeKib(tree)}
Depends: libc6 (>= ${ABOUT.glibc}), libgcc-s1 | libgcc1
Recommends: openssh-client
Section: admin
Priority: optional
Description: ${ABOUT.summary}
${ABOUT.description.map((line) => ` ${line}\n`).join("")}`,
  );
  await Deno.chmod(control, 0o644);
  const path = join(output, `ftl_${version}_${machine}.deb`);
  await run(
    "dpkg-deb",
    ["--root-owner-group", "-Zxz", "-z1", "--build", tree, path],
    { SOURCE_DATE_EPOCH: String(TIME_S) },
  );
  await Deno.remove(join(tree, "DEBIAN"), { recursive: true });
  return path;
}

async function sizeKib(folder: string): Promise<number> {
  let sum = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    sum += isDirectory
      ? await sizeKib(path)
      : Math.ceil((await Deno.stat(path)).size / 1024);
  }
  return sum;
}
