// A package for Red Hat, SUSE and what descends from them.
import { join } from "@std/path";
import { DESCRIPTION, SUMMARY } from "./about.ts";
import { runProgram } from "./run_program.ts";
import { EPOCH_S, type Stage } from "./stage.ts";

/** Makes the package; resolves to its path. */
export async function buildRpm(
  { folder, version, machine }: Stage,
  output: string,
): Promise<string> {
  const top = await Deno.makeTempDir({ prefix: "ftl-rpm-" });
  try {
    const spec = join(top, "ftl.spec");
    await Deno.writeTextFile(spec, specText(folder, version));
    const define = Object.entries({
      _topdir: top,
      _buildhost: "localhost",
      _binary_payload: "w6.gzdio", // what every rpm can read
      use_source_date_epoch_as_buildtime: "1",
      clamp_mtime_to_source_date_epoch: "1",
    }).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
    await runProgram(
      "rpmbuild",
      ["-bb", "--quiet", "--target", machine, ...define, spec],
      { SOURCE_DATE_EPOCH: String(EPOCH_S) },
    );
    const name = `ftl-${version}-1.${machine}.rpm`;
    const path = join(output, name);
    await Deno.copyFile(join(top, "RPMS", machine, name), path);
    return path;
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

function specText(folder: string, version: string): string {
  return `# The files are as they must be: nothing is stripped or compressed.
%global debug_package %{nil}
%global __os_install_post %{nil}
Name: ftl
Version: ${version.replace("-", "~")}
Release: 1
Summary: ${SUMMARY}
License: MIT
AutoReqProv: no
Requires: /bin/sh
Requires: glibc >= 2.27
Recommends: openssh-clients

%description
${DESCRIPTION.join("\n")}

%install
cp -a '${folder}/usr' '%{buildroot}/usr'

%files
%defattr(-,root,root,-)
/usr/bin/ftl
/usr/lib/ftl
/usr/share/doc/ftl
/usr/share/man/man1/ftl*
/usr/share/man/man7/ftl*
/usr/share/bash-completion/completions/ftl
/usr/share/zsh/site-functions/_ftl
/usr/share/fish/vendor_completions.d/ftl.fish
`;
}
