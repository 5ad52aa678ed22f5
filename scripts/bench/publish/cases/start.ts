// What it costs to start each tool at all.
import { comparePrograms } from "../compare_programs.ts";
import type { Lab } from "../lab.ts";
import type { ResultCase } from "../results.ts";

/** The version of each tool. */
export async function startCase(lab: Lab): Promise<ResultCase> {
  const contenders = [
    {
      program: "ftl",
      command: "ftl --version",
      ...lab.ftl("start", "--version"),
    },
    ...[
      ["ssh", "ssh", "-V"],
      ["clush", "clush", "--version"],
      ["pssh", "parallel-ssh", "--version"],
      ["Ansible", "ansible", "--version"],
    ].map(([program, ...argv]) => ({
      program: program!,
      command: argv.join(" "),
      argv,
    })),
  ];
  return {
    id: "start",
    title: "The start of each tool",
    about: "It prints its version and ends.",
    quantities: ["wall_ms", "cpu_ms"],
    rows: await comparePrograms(contenders, {
      rounds: 3 * lab.sizes.rounds,
    }),
  };
}
