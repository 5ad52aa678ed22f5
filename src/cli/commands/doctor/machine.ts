// What this machine is, as far as ftl cares: the versions of its own parts, the
// system's ssh, the limit on open files, the terminal and the locale.
import { CALL_DEFAULTS } from "../../../core/call/call_defaults.ts";
import { dirname } from "@std/path";
import type { Context } from "../context.ts";
import { VERSION } from "../../process/version.ts";
import type { Check } from "./check.ts";

/** What ftl holds open besides its hosts. */
const OWN_FILES = 50;
/** A local host is three pipes and a process; one by ssh is one socket. */
const FILES_PER_HOST = { ssh: 1, local: 4 };

/** ftl itself, and what it runs on. */
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
    : "run from its sources";
}

/** Whether the second transport has its program. */
export async function checkSystemSsh(): Promise<Check> {
  const name = "ssh";
  try {
    const { stderr } = await new Deno.Command("ssh", {
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
      found: "The system has no ssh program",
      remedy:
        "Nothing to do unless hosts want user certificates, GSSAPI or security keys: these need it",
    };
  }
}

/** Whether as many hosts as may be open at once can be. */
export async function checkOpenFiles(
  options: { fanout?: number; connection?: string },
): Promise<Check> {
  const name = "open files";
  const fanout = options.fanout ?? CALL_DEFAULTS.fanout;
  const each = options.connection === "local"
    ? FILES_PER_HOST.local
    : FILES_PER_HOST.ssh;
  const limit = await openFilesLimit();
  if (limit === undefined) {
    return { name, verdict: "ok", found: "No limit is known" };
  }
  const found = `${limit} allowed, ${fanout} hosts at once`;
  if (limit >= fanout * each + OWN_FILES) return { name, verdict: "ok", found };
  const most = Math.max(1, Math.floor((limit - OWN_FILES) / each));
  return {
    name,
    verdict: "warn",
    found,
    remedy: `Raise the hard limit (ulimit -Hn), or use --fanout ${most}`,
  };
}

/** The limit that holds; undefined: there is none, or no telling. */
async function openFilesLimit(): Promise<number | undefined> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", "ulimit -n"],
    stdin: "null",
    stderr: "null",
  }).output();
  const limit = Number(new TextDecoder().decode(stdout));
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** What the terminal can show. */
export function checkTerminal(context: Context): Check[] {
  return [terminal(context), locale(context)];
}

function terminal(context: Context): Check {
  const name = "terminal";
  const { isTerminal } = context;
  if (!isTerminal.in || !isTerminal.out) {
    const missing = [
      ...isTerminal.in ? [] : ["input"],
      ...isTerminal.out ? [] : ["output"],
    ];
    return { name, verdict: "ok", found: `None as ${missing.join(" and ")}` };
  }
  const type = context.env("TERM") ?? "";
  const found = `${type || "no TERM"}, ${context.columns} columns`;
  return /^(?:dumb|unknown)?$/.test(type)
    ? {
      name,
      verdict: "warn",
      found,
      remedy: "Set TERM to what the terminal is, or use --plain",
    }
    : { name, verdict: "ok", found };
}

/** ftl writes UTF-8, whatever is said here; the terminal has to read it so. */
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
    found: `${value ?? "None is set"}, and ftl writes UTF-8`,
    ...(context.isTerminal.out && {
      remedy: "If text looks odd: export LC_ALL=C.UTF-8",
    }),
  };
}
