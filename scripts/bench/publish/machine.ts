// What the published figures were measured on, in words.
import { VERSION } from "../../../src/cli/process/version.ts";

/** `2 cores (Intel Xeon), 24 GiB, Linux 6.1, Debian GNU/Linux 12`. */
export async function machineText(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo");
  const model = /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? Deno.build.arch;
  const release = await Deno.readTextFile("/etc/os-release").catch(() => "");
  const [, system = Deno.build.os] =
    /^PRETTY_NAME="?([^"\n]*)/m.exec(release) ??
      [];
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  const kernel = Deno.osRelease().split(/[-+]/)[0];
  return `${navigator.hardwareConcurrency} cores (${model}), ${gib} GiB, ` +
    `Linux ${kernel}, ${system.replace(/ \(.*\)$/, "")}`;
}

const VERSION_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "ansible-core": ["ansible", "--version"],
  OpenSSH: ["ssh", "-V"],
  clush: ["clush", "--version"],
  pssh: ["parallel-ssh", "--version"],
  Mitogen: ["dpkg-query", "-Wf", "${Version}", "ansible-mitogen"],
};

/** The versions of ftl and its peers: `ftl 0.1.0`, `ansible-core 2.14.18`, … */
export async function versionsOf(): Promise<string[]> {
  const versions = [`ftl ${VERSION}`];
  for (const [name, [program, ...args]] of Object.entries(VERSION_COMMANDS)) {
    const { stdout, stderr } = await new Deno.Command(program!, { args })
      .output();
    const text = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    versions.push(`${name} ${/\d+(?:\.\d+)+(?:p\d+)?/.exec(text)?.[0] ?? "?"}`);
  }
  return versions;
}
