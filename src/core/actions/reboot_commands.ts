// The commands that reboot a host and tell its boots apart, for each system. The
// lists are those of Ansible's action plugin reboot.
import type { JsonObject } from "../../protocol/message.ts";
import type { OpenHost } from "../work/host_context.ts";
import { fail, runShellStep } from "./action_result.ts";

/** The commands for one host. */
export interface RebootCommands {
  /** Prints what differs between two boots. */
  readonly bootTime: string;
  /** Succeeds when the host is usable. */
  readonly test: string;
  /** The program that reboots, maybe without its folder. */
  readonly program: string;
  /** Its arguments, as a shell reads them. */
  readonly words: string;
}

const BOOT_ID = "cat /proc/sys/kernel/random/boot_id";
const BOOT_TIME: Readonly<Record<string, string>> = {
  freebsd: "/sbin/sysctl kern.boottime",
  openbsd: "/sbin/sysctl kern.boottime",
  darwin: "who -b",
  sunos: "who -b",
  vmkernel: "grep booted /var/log/vmksummary.log | tail -n 1",
  aix: "who -b",
};
const PROGRAM: Readonly<Record<string, string>> = {
  alpine: "reboot",
  vmkernel: "reboot",
};
const TEST: Readonly<Record<string, string>> = {
  sunos: "who",
  vmkernel: "who",
};

/** The arguments of the program; `message` is quoted. */
function wordsFor(
  system: string,
  { delay, message }: { delay: number; message: string },
): string {
  const minutes = Math.floor(delay / 60);
  switch (system) {
    case "alpine":
      return "";
    case "aix":
      return "-Fr";
    case "vmkernel":
      return `-d ${delay}`;
    case "freebsd":
      return `-r +${delay}s ${message}`;
    case "sunos":
      return `-y -g ${delay} -i 6 ${message}`;
    case "darwin":
    case "openbsd":
    case "void":
      return `-r +${minutes} ${message}`;
    default:
      return `-r ${minutes} ${message}`;
  }
}

/** The distribution of a Linux, or the name of another system, in lower case. */
export async function findSystem(host: OpenHost): Promise<string> {
  const { stdout } = await runShellStep(
    host,
    "if test -r /etc/os-release; then . /etc/os-release; fi; " +
      'echo "${ID:-$(uname -s)}"',
  );
  return stdout.trim().toLowerCase();
}

/** The commands for a system, or those that the call names. */
export function commandsFor(
  system: string,
  { args, preDelay }: { args: JsonObject; preDelay: number },
): RebootCommands {
  const given = commandOf(args, "reboot_command");
  const [program = "", ...words] = given?.split(" ") ?? [];
  // As Ansible writes it: in double quotes, where `$` and "`" keep their meaning.
  const message = `"${args.msg ?? "Reboot initiated by Ansible"}"`;
  return {
    bootTime: commandOf(args, "boot_time_command") ?? BOOT_TIME[system] ??
      BOOT_ID,
    test: commandOf(args, "test_command") ?? TEST[system] ?? "whoami",
    program: given === undefined ? PROGRAM[system] ?? "shutdown" : program,
    words: given === undefined
      ? wordsFor(system, { delay: preDelay, message })
      : words.join(" "),
  };
}

function commandOf(args: JsonObject, name: string): string | undefined {
  const value = args[name] ?? undefined;
  if (value === undefined || typeof value === "string") {
    return value === "" ? undefined : value;
  }
  return fail(`Invalid value given for '${name}': it is not a text.`);
}
