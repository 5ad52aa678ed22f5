// An /etc that only some processes see, so that tests may have users, passwords
// and rules of sudo of their own. It is a copy in a mount namespace: nothing of
// the machine's own /etc is touched, and it ends with the process that made it.
import { join } from "@std/path";
import { findProgram, need } from "./need.ts";

/** Whether this machine allows making one. */
export const privateEtcNeed = need(
  "right to mount",
  canMake() ? "/" : undefined,
);

function canMake(): boolean {
  if (!["unshare", "nsenter", "useradd"].every(findProgram)) return false;
  const { success } = new Deno.Command("unshare", {
    args: ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
    stderr: "null",
  }).outputSync();
  return success;
}

/** Options of a user. */
export interface TestUserOptions {
  /** Default: none that is right. */
  readonly password?: string;
  /** Default: `/bin/sh`. */
  readonly shell?: string;
  /** More groups, which are made when they are missing. */
  readonly groups?: readonly string[];
  /** The day on which the account expires, `1990-01-01`. Default: never. */
  readonly expires?: string;
}

/** A user that exists where the private /etc does. */
export interface TestUser {
  readonly name: string;
  readonly uid: number;
  /** The user's own, 0755. */
  readonly home: string;
}

/** An /etc of its own; it goes when it is disposed. */
export interface PrivateEtc extends AsyncDisposable {
  /** What is /etc in there: a file written here counts there at once. */
  readonly folder: string;
  /** A folder for files of the test, which goes with it. */
  readonly files: string;
  /** Starts a command that sees it, in the process that it becomes. */
  readonly wrapper: readonly string[];
  /** Adds a user with a home. */
  addUser(name: string, options?: TestUserOptions): Promise<TestUser>;
  /** Writes a file below it, `sudoers.d/deploy`, which root owns. */
  write(path: string, text: string, mode?: number): Promise<void>;
}

/** Makes a copy of the machine's /etc that commands may be started in. */
export async function makePrivateEtc(): Promise<PrivateEtc> {
  const top = await Deno.makeTempDir({ prefix: "ftl-etc-" });
  await Deno.chmod(top, 0o755); // its users pass through
  const holder = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", HOLD, "sh", top],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  const { done } = await reader.read(); // "up"
  if (done) throw new Error("Cannot make a private /etc");
  const wrapper = ["nsenter", "-t", String(holder.pid), "-m", "--"];
  const folder = join(top, "etc");
  return {
    folder,
    files: join(top, "files"),
    wrapper,
    addUser: async (name, options = {}) => {
      const home = join(top, "home", name);
      const { password, shell = "/bin/sh", groups = [], expires } = options;
      for (const group of groups) {
        await inside(wrapper, ["groupadd", "-f", group]);
      }
      await inside(wrapper, [
        ...[
          "useradd",
          "-l",
          "-m",
          "-K",
          "HOME_MODE=0755",
          "-d",
          home,
          "-s",
          shell,
        ],
        ...(groups.length > 0 ? ["-G", groups.join(",")] : []),
        ...(expires === undefined ? [] : ["-e", expires]),
        ...["-p", "*"], // with none at all, an account counts as locked
        name,
      ]);
      if (password !== undefined) {
        const line = `${name}:${password}\n`;
        await inside(wrapper, ["chpasswd", "-c", "SHA256"], line);
      }
      const { uid } = await Deno.stat(home);
      return { name, uid: uid!, home };
    },
    write: async (path, text, mode = 0o644) => {
      const file = join(folder, path);
      await Deno.mkdir(join(file, ".."), { recursive: true });
      await Deno.writeTextFile(file, text);
      await Deno.chmod(file, mode);
    },
    [Symbol.asyncDispose]: async () => {
      await holder.stdin.close();
      await reader.cancel();
      await holder.status;
    },
  };
}

/** What holds it until its input ends, be it because the test was killed. */
const HOLD = `set -e
trap '' INT TERM HUP # ^C is for the whole group, and this one tidies up
mkdir "$1/home" "$1/files"
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
echo up
cat
umount -l /etc
rm -rf "$1"`;

async function inside(
  wrapper: readonly string[],
  words: readonly string[],
  input = "",
): Promise<void> {
  const [program = "", ...args] = [...wrapper, ...words];
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stderr } = await child.output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot run ${words.join(" ")}: ${said}`);
}
