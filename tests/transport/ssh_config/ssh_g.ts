// What files of ssh_config mean for a host, to `ssh -G` and to us, in the same
// form.
import { userInfo } from "node:os";
import { lookUpDirectives } from "../../../src/transport/ssh_config/config_lookup.ts";
import { parseSshConfig } from "../../../src/transport/ssh_config/parse_config.ts";
import { readSshConfigs } from "../../../src/transport/ssh_config/read_config.ts";
import { resolveSshConfig } from "../../../src/transport/ssh_config/host_settings.ts";
import { needProgram } from "../../support/need.ts";

export const ssh = needProgram("ssh");

/** Files by their path below `~/.ssh`; FOLDER in a text stands for that. */
export type Files = Readonly<Record<string, string>>;

/** What both are asked for; -G prints lists with blanks between. */
const KEYWORDS = [
  "hostname",
  "user",
  "port",
  "proxyjump",
  "proxycommand",
  "hostkeyalias",
  "serveraliveinterval",
  "serveralivecountmax",
  "connecttimeout",
  "stricthostkeychecking",
  "identitiesonly",
  "userknownhostsfile",
];

/** What -G prints when nothing was said. */
const DEFAULTS: Record<string, string> = {
  port: "22",
  serveraliveinterval: "0",
  serveralivecountmax: "3",
  connecttimeout: "none",
  stricthostkeychecking: "ask",
  identitiesonly: "no",
};

/** Policies that -G prints by another of their names. */
const NAMES: Record<string, string> = {
  yes: "true",
  no: "false",
  off: "false",
};

/** What ssh takes for `~`, whatever HOME is. */
const ownHome = () => userInfo().homedir;

const seconds = (ms: number | undefined) => String((ms ?? 0) / 1000);

/** Gives the two answers about a host, `user@name` or `name`. */
export async function bothAnswers(files: Files, host: string) {
  const home = await Deno.makeTempDir();
  try {
    const folder = `${home}/.ssh`;
    for (const [path, text] of Object.entries(files)) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(file, text.replaceAll("FOLDER", folder));
    }
    const theirs = await askSsh(`${folder}/config`, host);
    const configs = readSshConfigs({ home, systemFolder: "/nowhere" });
    return { ours: ours(configs, home, host), theirs };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/**
 * What ssh says about a host with each of many configurations; undefined where it
 * refuses one. One shell starts all of them: much faster than one process each.
 */
export async function manyAnswers(configs: readonly string[], host: string) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [i, text] of configs.entries()) {
      await Deno.writeTextFile(`${folder}/${i}`, text);
    }
    await new Deno.Command("/bin/sh", {
      args: ["-c", ASK_MANY, "sh", ssh.path, host, String(configs.length)],
      cwd: folder,
      stdin: "null",
    }).output();
    return await Promise.all(configs.map(async (_, i) => {
      const text = await Deno.readTextFile(`${folder}/${i}.out`);
      return text === "" ? undefined : readAnswer(text);
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ASK_MANY =
  'i=0; while [ $i -lt "$3" ]; do "$1" -G -F $i "$2" >$i.out 2>/dev/null || : >$i.out; i=$((i+1)); done';

/** What ftl makes of the text of a configuration. */
export function ourAnswer(text: string, host: string) {
  const file = { path: "/nowhere/.ssh/config", text };
  return ours([parseSshConfig(file, () => [])], "/nowhere", host);
}

async function askSsh(config: string, host: string) {
  const { success, stdout, stderr } = await new Deno.Command(ssh.path, {
    args: ["-G", "-F", config, host],
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return readAnswer(new TextDecoder().decode(stdout));
}

function readAnswer(text: string) {
  const lines = text.trim().split("\n")
    .map((line) => [line.split(" ")[0]!, line.slice(line.indexOf(" ") + 1)]);
  const values = Object.fromEntries(lines);
  // Its default, which depends on who runs this.
  if (/known_hosts2$/.test(values.userknownhostsfile ?? "")) {
    delete values.userknownhostsfile;
  }
  const files = lines.filter(([key]) => key === "identityfile")
    .map(([, value]) => value);
  if (values.proxyjump) values.proxyjump = withoutBrackets(values.proxyjump);
  return {
    ...Object.fromEntries(
      KEYWORDS.map((key) => [key, values[key] ?? DEFAULTS[key] ?? ""]),
    ),
    // Its defaults, where none is named.
    identityFiles: files.includes("~/.ssh/id_rsa") && files.length > 3
      ? []
      : files,
  };
}

/** -G prints a bastion that is all digits and dots in brackets, however it was named. */
function withoutBrackets(jumps: string): string {
  return jumps.replace(/\[([\d.]+)\]/g, "$1");
}

function ours(
  configs: ReturnType<typeof readSshConfigs>,
  home: string,
  argument: string,
) {
  const [host = "", user] = argument.split("@").reverse();
  const subject = {
    host,
    user,
    localUser: "root",
    exec: (command: string) =>
      new Deno.Command("/bin/sh", { args: ["-c", command] }).outputSync()
        .success,
  };
  const { values, identityFiles } = lookUpDirectives(configs, subject);
  const settings = resolveSshConfig(configs, {
    ...subject,
    home,
    localHost: "here",
    env: () => undefined,
  });
  const valueOf = (keyword: string) => {
    const directive = values.get(keyword);
    if (keyword === "hostname") return settings.hostName;
    if (keyword === "user" && user) return user;
    if (directive === undefined) {
      return keyword === "user" ? "root" : DEFAULTS[keyword] ?? "";
    }
    // -G prints these with their tokens replaced.
    if (keyword === "userknownhostsfile") {
      return directive.args.map((word, i) =>
        word === "none" ? word : settings.userKnownHostsFiles![i]!
      ).join(" ").replaceAll(home, ownHome());
    }
    const text = keyword === "proxycommand"
      ? directive.rest
      : directive.args[0] ?? "";
    // -G prints nothing for a way that is "none".
    if (/^proxy/.test(keyword) && text.toLowerCase() === "none") return "";
    if (keyword === "proxyjump") return withoutBrackets(text);
    if (keyword === "hostkeyalias") return settings.hostKeyAlias ?? "";
    if (keyword === "connecttimeout" && text.toLowerCase() !== "none") {
      return seconds(settings.connectTimeoutMs);
    }
    if (keyword === "serveraliveinterval") return seconds(settings.keepaliveMs);
    return keyword === "stricthostkeychecking" ? NAMES[text] ?? text : text;
  };
  return {
    ...Object.fromEntries(KEYWORDS.map((key) => [key, valueOf(key)])),
    identityFiles: identityFiles.map(({ args }) => args[0]),
  };
}
