// What packages of every format say about ftl.

/** A package that is to be made. */
export interface PackageOptions {
  /** The folder with the files to install. */
  readonly tree: string;
  /** The machine: `linux-x64`. */
  readonly target: string;
  readonly version: string;
  /** The folder for the package. */
  readonly output: string;
}

export const ABOUT = {
  maintainer: "the ftl authors <ftl@localhost>",
  /** The oldest version of glibc that Deno runs with. */
  glibc: "2.27",
  summary: "run automation modules on many hosts over SSH",
  description: [
    "ftl sends a gate, an archive with the modules of a run, once to each host,",
    "and keeps it open: from then on a call is a name and its parameters. It runs",
    "Ansible's modules, binaries, scripts and Python functions from a folder, and",
    "has a console for interactive sessions.",
  ],
} as const;
