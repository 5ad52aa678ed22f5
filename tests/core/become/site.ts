// One host whose users may become others in every way that there is: rules of
// sudo and doas of its own, a password for root, an OpenSSH server. It all goes
// when it is disposed; nothing of the machine's own accounts is touched.
import { join } from "@std/path";
import {
  createSshTransport,
  parseKnownHosts,
} from "../../../src/transport/ssh/ssh_transport.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { findProgram, needProgram } from "../../support/need.ts";
import {
  makePrivateEtc,
  type PrivateEtc,
  privateEtcNeed,
} from "../../support/private_etc.ts";
import { type Sshd, sshdNeed, startSshd } from "../../support/sshd.ts";

/** What the tests here need. */
export const becomeNeed = [
  privateEtcNeed,
  sshdNeed,
  needProgram("sudo"),
  needProgram("doas"),
].reduce((one, other) => one.ignore ? one : other);

/** Of every user who has one: nothing else on a machine looks like it. */
export const PASSWORD = `Qx7 Ärmel $'"\\ ${crypto.randomUUID()}`;
/** Root's, and that of `app`. */
export const ROOT_PASSWORD = `Zr4 Wüste ${crypto.randomUUID()}`;

/** Users who log in, by what is special about them. */
export const USERS = {
  asks: "ALL",
  free: "NOPASSWD: ALL",
  nopty: "ALL",
  wants: "ALL",
  wantsfree: "NOPASSWD: ALL",
  mute: "ALL",
  stars: "ALL",
  prompts: "ALL",
  lectured: "ALL",
  keeps: "ALL",
  german: "ALL",
  touches: "ALL",
  outsider: undefined,
  dodo: undefined,
  dofree: undefined,
  keepsenv: undefined,
} as const;

const SUDOERS = `
Defaults env_reset, !lecture, !fqdn, timestamp_timeout=0
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Defaults use_pty
Defaults:nopty !use_pty
Defaults>app !use_pty
Defaults:wants requiretty
Defaults:wantsfree requiretty
Defaults:mute requiretty
Defaults:stars pwfeedback
Defaults:prompts passprompt_override, passprompt="Geben Sie es her, %u: "
Defaults:lectured lecture=always
Defaults:keeps timestamp_timeout=15
root ALL=(ALL:ALL) ALL
`;

/** The host. */
export interface BecomeSite extends AsyncDisposable {
  readonly etc: PrivateEtc;
  readonly sshd: Sshd;
  homeOf(user: string): string;
  /** Logs in as one of its users. */
  logIn(user: string): Promise<Connection>;
  /** Options that make a command line log in as one of its users. */
  flagsFor(user: string): readonly string[];
  /** What sshd, sudo, doas, su and PAM have logged. */
  log(): Promise<string>;
}

/** Makes the host; `programs` of it are applets of programs of this machine. */
export async function makeBecomeSite(
  programs: Readonly<Record<string, string>> = {},
): Promise<BecomeSite> {
  const etc = await makePrivateEtc();
  const state = join(etc.folder, "become");
  await Deno.mkdir(state);
  const rules = Object.entries(USERS).flatMap(([user, rule]) =>
    rule === undefined ? [] : [`${user} ALL=(ALL:ALL) ${rule}\n`]
  );
  await etc.write(
    "sudoers",
    `Defaults timestampdir=${state}, lecture_status_dir=${state}\n` +
      `Defaults logfile=${state}/sudo.log\n${SUDOERS}${rules.join("")}`,
    0o440,
  );
  // A wrong password costs no two seconds here.
  await etc.write(
    "pam.d/common-auth",
    "auth [success=1 default=ignore] pam_unix.so nodelay\n" +
      "auth requisite pam_deny.so\nauth required pam_permit.so\n",
  );
  // For one user a touch is enough, which sudo waits for.
  await etc.write("touch", "#!/bin/sh\nsleep 0.1\n", 0o755);
  await etc.write(
    "pam.d/sudo",
    "auth [success=ignore default=1] pam_succeed_if.so quiet user = touches\n" +
      "auth sufficient pam_exec.so quiet /etc/touch\n" +
      ["auth", "account", "session-noninteractive"]
        .map((kind) => `@include common-${kind}\n`).join(""),
  );
  await etc.write(
    "doas.conf",
    "permit dodo\npermit nopass dofree\n" +
      "permit nopass keepenv keepsenv\n",
    0o440,
  );
  const users = Object.keys(USERS);
  for (const user of [...users, "app", "stale"]) await etc.addUser(user);
  await etc.addUser("gone", { expires: "1990-01-01" });
  await setPasswords(etc, [
    ...[...users, "gone", "stale"].map((user) => [user, PASSWORD] as const),
    ["app", ROOT_PASSWORD],
    ["root", ROOT_PASSWORD],
  ]);
  await expirePassword(etc, "stale");
  await using cleanup = new AsyncDisposableStack();
  cleanup.use(etc);
  for (const [name, program] of Object.entries(programs)) {
    await replaceProgram(etc, name, program);
  }
  const syslog = await startSyslog(etc, join(state, "syslog"));
  cleanup.defer(() => syslog.stop());
  const sshd = await startSshd({
    wrapper: etc.wrapper,
    matches: [
      "Match User german\n  SetEnv LC_ALL=C.UTF-8 LANGUAGE=de",
      "Match User mute\n  PermitTTY no",
    ],
  });
  cleanup.defer(() => sshd.stop());
  await Deno.chmod(sshd.folder, 0o755);
  const text = `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`;
  const knownHosts = join(sshd.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, text);
  const transport = createSshTransport({
    knownHosts: parseKnownHosts([{ path: knownHosts, text }]),
    agentSocket: "",
    home: sshd.folder,
  });
  cleanup.defer(() => transport.close());
  const all = cleanup.move();
  return {
    etc,
    sshd,
    homeOf: (user) => join(etc.folder, "..", "home", user),
    logIn: (user) =>
      transport.open({
        name: "web1",
        transport: "ssh",
        address: "127.0.0.1",
        port: sshd.port,
        user,
        identityFiles: [sshd.identityFile],
      }, { signal: new AbortController().signal }),
    flagsFor: (user) => [
      ...["-i", "127.0.0.1,", "-u", user, "--port", String(sshd.port)],
      ...["--private-key", sshd.identityFile, "--known-hosts", knownHosts],
      ...["--ssh-config", "none"],
    ],
    log: async () => {
      const files = ["sudo.log", "syslog"].map((name) => join(state, name));
      const texts = await Promise.all(files.map((f) => Deno.readTextFile(f)));
      return sshd.log() + texts.join("");
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Puts an applet in a program's place, with the rights that su has. */
async function replaceProgram(
  etc: PrivateEtc,
  name: string,
  program: string,
): Promise<void> {
  const copy = join(etc.files, name);
  await Deno.copyFile(findProgram(program)!, copy);
  await Deno.chmod(copy, 0o4755);
  const target = await Deno.realPath(findProgram(name)!);
  const [command = "", ...args] = [
    ...[...etc.wrapper, "mount", "--bind", copy, target],
  ];
  const { success } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`Cannot put ${program} in place of ${name}`);
}

/** From now on it must be changed first. */
async function expirePassword(etc: PrivateEtc, user: string): Promise<void> {
  const file = join(etc.folder, "shadow");
  const lines = (await Deno.readTextFile(file)).split("\n").map((line) => {
    const fields = line.split(":");
    return fields[0] === user ? fields.with(2, "0").join(":") : line;
  });
  await Deno.writeTextFile(file, lines.join("\n"));
}

async function setPasswords(
  etc: PrivateEtc,
  passwords: readonly (readonly [user: string, password: string])[],
): Promise<void> {
  const [program = "", ...args] = [...etc.wrapper, "chpasswd", "-c", "SHA256"];
  const child = new Deno.Command(program, { args, stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const lines = passwords.map((pair) => `${pair.join(":")}\n`).join("");
  await writer.write(new TextEncoder().encode(lines));
  await writer.close();
  await child.status;
}

/** Takes what programs there say to syslog, by a /dev that only they see. */
async function startSyslog(etc: PrivateEtc, file: string) {
  const script = `set -e
mount -t tmpfs -o mode=0755 tmpfs /mnt
for n in null zero full random urandom tty ptmx; do cp -a /dev/$n /mnt/; done
mkdir /mnt/pts /mnt/shm
mount --bind /dev/pts /mnt/pts
mount --bind /dev/shm /mnt/shm
ln -s /proc/self/fd /mnt/fd
mount --move /mnt /dev
exec python3 -c '
import os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind("/dev/log")
os.chmod("/dev/log", 0o666)
out = open(sys.argv[1], "wb", 0)
print("up", flush=True)
while True:
    out.write(server.recv(65536) + b"\\n")
' "$1"`;
  const [program = "", ...args] = [...etc.wrapper, "sh", "-c", script, "sh"];
  const child = new Deno.Command(program, {
    args: [...args, file],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  if ((await reader.read()).done) throw new Error("Cannot listen to syslog");
  return {
    stop: async () => {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}
