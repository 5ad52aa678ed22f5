// RPM packages, made by rpmbuild.
import { join } from "@std/path";
import { run } from "../compile/targets.ts";
import { ABOUT, type PackageOptions } from "./about.ts";
import { TIME_S } from "./tree.ts";

/** RPM's names of machines, by ours. */
const MACHINES: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64",
  "linux-arm64": "aarch64",
};

/**
 * Makes an RPM package of a folder, and returns its path.
 *
 * @throws {Error} with rpmbuild's output.
 */
export async function makeRpm(
  { tree, target, version, output }: PackageOptions,
): Promise<string> {
  const machine = MACHINES[target]!;
  const top = await Deno.makeTempDir({ prefix: "ftl-rpm-" });
  try {
    const spec = join(top, "ftl.spec");
    await Deno.writeTextFile(spec, await formatSpec(tree, version));
    await run("rpmbuild", ["-bb", "--quiet", "--target", machine, spec], {
      SOURCE_DATE_EPOCH: String(TIME_S),
      HOME: top, // no settings of a user, and rpmbuild's folder goes with it
    });
    const name = `ftl-${version}-1.${machine}.rpm`;
    const path = join(output, name);
    await Deno.copyFile(join(top, "rpmbuild/RPMS", machine, name), path);
    return path;
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

async function formatSpec(tree: string, version: string): Promise<string> {
  return `# Deno breaks when it is stripped, and nothing here is to be compiled.
%global __os_install_post %{nil}
%global debug_package %{nil}
%global _build_id_links none
%global _binary_payload w1.xzdio
%global _buildhost localhost
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
Name: ftl
Version: ${version}
Release: 1
Summary: ${ABOUT.summary}
License: MIT
AutoReqProv: no
Requires: glibc >= ${ABOUT.glibc}, libgcc
%description
${ABOUT.description.join("\n")}
%install
cp -a '${tree}/.' %{buildroot}
%files
%defattr(-,root,root)
${(await listPaths(tree, "")).join("\n")}
`;
}

/** Every file, and the folders that only ftl has, for `%files`. */
async function listPaths(tree: string, below: string): Promise<string[]> {
  const lines: string[] = [];
  const entries = await Array.fromAsync(Deno.readDir(join(tree, below)));
  for (const { name, isDirectory } of entries.sort(byName)) {
    const path = `${below}/${name}`;
    if (!isDirectory) lines.push(`"${path}"`);
    else {
      if (/\/ftl(?:\/|$)/.test(path)) lines.push(`%dir "${path}"`);
      lines.push(...await listPaths(tree, path));
    }
  }
  return lines;
}

function byName(a: Deno.DirEntry, b: Deno.DirEntry): number {
  return a.name < b.name ? -1 : 1;
}
