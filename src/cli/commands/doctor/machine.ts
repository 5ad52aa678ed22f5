// Checks this machine: versions, the system's ssh, the limit on open files, the
// terminal and the locale.
import { startFolder } from "../../../disk/start_folder.ts";
import { CALL_DEFAULTS } from "../../../core/call/call_defaults.ts";
import { dirname } from "@std/path";
import type { Context } from "../context.ts";
import { hostsFor } from "../../process/open_files.ts";
import { VERSION } from "../../process/version.ts";
import type { Check } from "./check.ts";

/** Reports ftl and what it runs on. */
export function checkVersions(): Check[] {
  const { os, arch } = Deno.build;
  return [
    { name: "ftl", verdict: "ok", found: `${VERSION}, ${form()}` },
    {
      name: "runtime",
      verdict: "ok",
      found: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    },
    {
      name: "platform",
      verdict: "ok",
      found: `${os} ${Deno.osRelease()}, ${arch}`,
    },
  ];
}

function form(): string {
  if (Deno.build.standalone) return `native binary ${Deno.execPath()}`;
  const runtime = dirname(Deno.execPath());
  return /\/ftl-runtime-[0-9a-f]+(?:-2)?$/.test(runtime)
    ? `portable binary, unpacked in ${runtime}`
    : "run from source";
}

/** Checks that the openssh transport has its program. */
export async function checkSystemSsh(): Promise<Check> {
  const name = "ssh";
  try {
    const { stderr } = await new Deno.Command("ssh", {
      ...startFolder(),
      args: ["-V"],
      stdin: "null",
      stdout: "null",
    }).output();
    const [version = ""] = new TextDecoder().decode(stderr).split(/[,\n]/);
    return { name, verdict: "ok", found: version.trim() };
  } catch {
    return {
      name,
      verdict: "warn",
      found: "No ssh program found",
      remedy:
        "Install OpenSSH if hosts need user certificates, GSSAPI or security keys",
    };
  }
}

/** Checks that the limit on open files allows the fanout. */
export async function checkOpenFiles(
  options: { fanout?: number; connection?: string },
): Promise<Check> {
  const name = "open files";
  const fanout = options.fanout ?? CALL_DEFAULTS.fanout;
  const limit = await openFilesLimit();
  if (limit === undefined) {
    return { name, verdict: "ok", found: "No known limit" };
  }
  const found = `${limit} allowed, up to ${fanout} hosts open at once`;
  const most = hostsFor(limit, options);
  if (most >= fanout) return { name, verdict: "ok", found };
  return {
    name,
    verdict: "warn",
    found,
    remedy: `Raise the hard limit (ulimit -Hn), or set --fanout ${most}`,
  };
}

/** The current limit; undefined when unlimited or unknown. */
async function openFilesLimit(): Promise<number | undefined> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    ...startFolder(),
    args: ["-c", "ulimit -n"],
    stdin: "null",
    stderr: "null",
  }).output();
  const limit = Number(new TextDecoder().decode(stdout));
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** Reports what the terminal can show. */
export function checkTerminal(context: Context): Check[] {
  return [terminal(context), locale(context)];
}

function terminal(context: Context): Check {
  const name = "terminal";
  const { isTerminal } = context;
  if (!isTerminal.in || !isTerminal.out) {
    const missing = [
      ...isTerminal.in ? [] : ["stdin"],
      ...isTerminal.out ? [] : ["stdout"],
    ];
    return {
      name,
      verdict: "ok",
      found: `Not a terminal: ${missing.join(" and ")}`,
    };
  }
  const type = context.env("TERM") ?? "";
  const found = `${type || "TERM is not set"}, ${context.columns} columns`;
  return /^(?:dumb|unknown)?$/.test(type)
    ? {
      name,
      verdict: "warn",
      found,
      remedy: "Set TERM to the type of the terminal, or use --plain",
    }
    : { name, verdict: "ok", found };
}

/** ftl always writes UTF-8; the terminal must expect it. */
function locale(context: Context): Check {
  const name = "locale";
  const value = ["LC_ALL", "LC_CTYPE", "LANG"].map((each) => context.env(each))
    .find((each) => each);
  if (value && /utf-?8/i.test(value)) {
    return { name, verdict: "ok", found: value };
  }
  return {
    name,
    verdict: context.isTerminal.out ? "warn" : "ok",
    found: `${value ?? "Not set"}, but ftl writes UTF-8`,
    ...(context.isTerminal.out && {
      remedy: "If text looks wrong, run export LC_ALL=C.UTF-8",
    }),
  };
}
