// The same files given to `ssh -G`, OpenSSH's own answer to what they mean.
import { assertEquals } from "@std/assert";
import { lookUp } from "../../../src/transport/ssh_config/lookup.ts";
import { readSshConfigs } from "../../../src/transport/ssh_config/read.ts";
import { resolveSshConfig } from "../../../src/transport/ssh_config/settings.ts";
import { needProgram } from "../../support/need.ts";

const ssh = needProgram("ssh");

const CONFIG = `
# A comment, and a line with = and quotes
Match localuser nobody,!*
  User nobody
Host *
  Include FOLDER/conf.d/*
  Port 2200
Match all
User="default user"
Host web* !web9 # trailing
  HostName = %h.example
    ServerAliveCountMax 6
  IdentityFile ~/.ssh/first
  UserKnownHostsFile /k1 /k2
host jump
	ProxyJump root@bastion:22,other
Host jump direct
  ProxyCommand nc -x 'a b' %h %p
Match host *.example user deploy
  IdentityFile /matched
Match originalhost=direct
  ServerAliveInterval 17
Match !host *.example,jump exec true
  HostKeyAlias unnamed
Match host "web1.example" exec false
  HostKeyAlias never
Host *
  IdentityFile /last
  ServerAliveInterval 30
  ConnectTimeout 12
  StrictHostKeyChecking accept-new
Match final host web2.example
  ServerAliveCountMax 9
`;

const INCLUDED = {
  "a.conf": "Host web2\n  User second\n  HostKeyAlias alias\n",
  "b.conf": "ServerAliveCountMax 4\nHost direct\nIdentitiesOnly yes\n",
  ".hidden": "Port 1\n",
};

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
  serveralivecountmax: "3",
  identitiesonly: "no",
};

for (const host of ["web1", "web2", "web9", "jump", "direct", "deploy@web3"]) {
  Deno.test({
    name: `${host} means what it means to ssh -G${ssh.suffix}`,
    ignore: ssh.ignore,
    fn: async () => {
      const home = await Deno.makeTempDir();
      try {
        const folder = `${home}/.ssh`;
        await Deno.mkdir(`${folder}/conf.d`, { recursive: true });
        const text = CONFIG.replaceAll("FOLDER", folder);
        await Deno.writeTextFile(`${folder}/config`, text);
        for (const [name, text] of Object.entries(INCLUDED)) {
          await Deno.writeTextFile(`${folder}/conf.d/${name}`, text);
        }
        const theirs = await askSsh(`${folder}/config`, host);
        assertEquals(ours(home, host), theirs);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

async function askSsh(config: string, host: string) {
  const { stdout } = await new Deno.Command(ssh.path, {
    args: ["-G", "-F", config, host],
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => [line.split(" ")[0]!, line.slice(line.indexOf(" ") + 1)]);
  const values = Object.fromEntries(lines);
  // Its default, which depends on who runs this.
  if (/known_hosts2$/.test(values.userknownhostsfile ?? "")) {
    delete values.userknownhostsfile;
  }
  return {
    ...Object.fromEntries(KEYWORDS.map((key) => [key, values[key] ?? ""])),
    identityFiles: lines.filter(([key]) => key === "identityfile")
      .map(([, value]) => value),
  };
}

function ours(home: string, argument: string) {
  const [host = "", user] = argument.split("@").reverse();
  const subject = {
    host,
    user,
    localUser: "root",
    exec: (command: string) => command === "true",
  };
  const configs = readSshConfigs({ home, systemFolder: "/nowhere" });
  const { values, identityFiles } = lookUp(configs, subject);
  const { hostName } = resolveSshConfig(configs, {
    ...subject,
    home,
    localHost: "here",
    env: () => undefined,
  });
  const valueOf = (keyword: string) => {
    const directive = values.get(keyword);
    if (keyword === "hostname") return hostName;
    if (keyword === "user" && user) return user;
    if (directive === undefined) return DEFAULTS[keyword] ?? "";
    if (keyword === "proxycommand") return directive.rest;
    return directive.args.join(" ");
  };
  return {
    ...Object.fromEntries(KEYWORDS.map((key) => [key, valueOf(key)])),
    identityFiles: identityFiles.map(({ args }) => args[0]),
  };
}
