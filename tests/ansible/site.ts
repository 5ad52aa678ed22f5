// One loopback host that Ansible and ftl both reach by SSH, and the result of a
// call with each. Where this machine allows it, the host has its own
// /etc, /var and /home, which modules may change as they like.
import { dirname, join } from "@std/path";
import {
  tarEnd,
  tarHeader,
  tarPadding,
} from "../../src/core/tar/tar_writer.ts";
import { needAnsible } from "../support/ansible.ts";
import { need } from "../support/need.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { type SourceTree, writeTree } from "../support/source_tree.ts";

/** Whether this machine has ansible-core. */
export const ansibleNeed = needAnsible();

/** Whether it may have folders of its own mounted for a host. */
export const mountNeed = need(
  "right to mount",
  runsQuietly("unshare", "-m", "true") ? "/" : undefined,
);

/** Whether it has the collections that Debian's package ansible holds. */
export const collectionsNeed = needFolder(
  "Ansible's collections",
  join(
    dirname(dirname(ansibleNeed.modules)),
    "ansible_collections/community/general",
  ),
);

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const PYTHON = "/usr/bin/python3";
/** Every host has these to itself. */
const OWN = ["/etc", "/var", "/home", "/opt"];

/** A call, as both sides are told it. */
export interface SiteCall {
  readonly module: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Free form, as `-a` takes it; `args` is then not used. */
  readonly words?: string;
  readonly check?: boolean;
}

/** The host, and the state that calls find there. */
export class Site implements AsyncDisposable {
  readonly folder: string;
  /** The folder with the files of calls; `restore` creates it again. */
  readonly state: string;
  /** A web server that modules may ask. */
  readonly url: string;
  readonly #sshd: Sshd;
  readonly #web: Deno.HttpServer<Deno.NetAddr>;

  private constructor(folder: string, sshd: Sshd) {
    this.folder = folder;
    this.state = join(folder, "state");
    this.#sshd = sshd;
    this.#web = serveWeb();
    this.url = `http://127.0.0.1:${this.#web.addr.port}`;
  }

  static async make(): Promise<Site> {
    const folder = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "ftl-ansible-" }),
    );
    const home = join(folder, "home");
    await Deno.mkdir(home);
    const sshd = await startSshd({
      config: [`SetEnv HOME=${home} LC_ALL=C`],
      ...(mountNeed.ignore ? {} : { wrapper: inOwnFolders(folder) }),
    });
    const site = new Site(folder, sshd);
    await Deno.writeTextFile(
      join(folder, "hosts.ini"),
      `site ansible_host=127.0.0.1 ansible_port=${sshd.port} ` +
        `ansible_user=${sshd.user} ansible_python_interpreter=${PYTHON} ` +
        `ansible_ssh_private_key_file=${sshd.identityFile} ` +
        `ansible_async_dir=${site.state}/jobs ` +
        // A terminal would mix stdout with stderr.
        "ansible_ssh_use_tty=no\n",
    );
    await Deno.writeTextFile(
      join(folder, "known_hosts"),
      `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`,
    );
    await Deno.writeTextFile(join(folder, "ansible.cfg"), "");
    return site;
  }

  /** Creates the files below `state` again, then runs a script on the host. */
  async restore(tree: SourceTree, script = ""): Promise<void> {
    if (!mountNeed.ignore) await this.#onHost(ownFolders(this.folder));
    await Deno.remove(this.state, { recursive: true }).catch(() => {});
    await Deno.mkdir(this.state);
    await writeTree(this.state, tree);
    // Modules tell times apart by the second.
    const at = "touch -h -d 2020-01-02T03:04:05Z";
    await this.#onHost(`find ${this.state} -exec ${at} {} +\n${script}`);
  }

  /** What `ansible -m` says of a call. */
  async ansible(call: SiteCall): Promise<unknown> {
    const text = await output("ansible", {
      args: [
        ...["-i", join(this.folder, "hosts.ini"), "site", "-m", call.module],
        ...words(call),
      ],
      env: {
        ...this.#env,
        LC_ALL: "C.UTF-8", // Ansible runs in no other on its own side
        ANSIBLE_CONFIG: join(this.folder, "ansible.cfg"),
        ANSIBLE_STDOUT_CALLBACK: "json",
        ANSIBLE_LOAD_CALLBACK_PLUGINS: "1",
        ANSIBLE_PIPELINING: "1",
        ANSIBLE_SSH_ARGS:
          "-F none -o ControlMaster=auto -o ControlPersist=60 " +
          `-o UserKnownHostsFile=${join(this.folder, "known_hosts")}`,
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(this.folder, "cp"),
      },
    });
    const document = JSON.parse(text.slice(text.indexOf("{")));
    return document.plays[0].tasks[0].hosts.site;
  }

  /** What `ftl run` says of a call. */
  async ftl(call: SiteCall): Promise<unknown> {
    const text = await output(Deno.execPath(), {
      args: [
        ...["run", "-A", MAIN, "run", call.module, "-vvv", "--format", "json"],
        ...["-i", join(this.folder, "hosts.ini"), "-M", ansibleNeed.modules],
        ...["--known-hosts", join(this.folder, "known_hosts")],
        ...["--collections-path", dirname(dirname(ansibleNeed.modules))],
        "--force-args", // what ftl refuses by itself is in arguments_test.ts
        ...words(call),
      ],
      env: { ...this.#env, LC_ALL: "C", FTL_HOME: join(this.folder, "ftl") },
    });
    if (text === "") throw new Error(`ftl run ${call.module} printed nothing`);
    return JSON.parse(text).results.site;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sshd.stop();
    await this.#web.shutdown();
    await Deno.remove(this.folder, { recursive: true });
  }

  get #env(): Record<string, string> {
    return {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(this.folder, "home"),
      DENO_DIR: Deno.env.get("DENO_DIR") ??
        join(Deno.env.get("HOME") ?? "/root", ".cache/deno"),
    };
  }

  async #onHost(script: string): Promise<void> {
    const shell = ["sh", "-euc", script];
    const [program, ...args] = mountNeed.ignore
      ? shell
      : ["nsenter", "-m", "-t", String(this.#sshd.pid), ...shell];
    await output(program!, { args, env: this.#env });
  }
}

/** An archive of the file `a`. */
const ONE_TAR = new Blob([
  tarHeader({
    name: "a",
    kind: "file",
    size: 4,
    mode: 0o640,
    mtime: 1577934245,
    uid: 0,
    gid: 0,
    target: "",
  }),
  "one\n",
  tarPadding(4),
  tarEnd(),
]);

/** Says always the same of the same question. */
function serveWeb(): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const headers = { date: "Thu, 02 Jan 2020 03:04:05 GMT" };
  return Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/text") return new Response("text\n", { headers });
    if (pathname === "/json") return Response.json({ a: [1] }, { headers });
    if (pathname === "/one.tar") return new Response(ONE_TAR, { headers });
    if (pathname !== "/echo") {
      return new Response("none", { status: 404, headers });
    }
    const type = request.headers.get("content-type");
    const text = await request.text();
    return Response.json({ method: request.method, type, text }, { headers });
  });
}

/** What both command lines are told alike. */
function words({ args, words, check }: SiteCall): string[] {
  const text = words ??
    (Object.keys(args).length > 0 ? JSON.stringify(args) : "");
  return ["-a", text, "--diff", ...(check ? ["--check"] : [])];
}

/** A command that gives what follows it folders of its own. */
function inOwnFolders(folder: string): string[] {
  const script = `set -e\nmkdir ${folder}/own\n` +
    `mount -t tmpfs tmpfs ${folder}/own\n${ownFolders(folder)}exec "$@"`;
  return ["unshare", "-m", "sh", "-c", script, "sh"];
}

/** A script that mounts them as they are outside, whatever was done to them. */
function ownFolders(folder: string): string {
  return OWN.map((path) => {
    const own = `${folder}/own${path}`;
    return `umount -l ${path} 2>/dev/null || true
rm -rf ${own}
mkdir -p ${own}/upper ${own}/work
mount -t overlay -o lowerdir=${path},upperdir=${own}/upper,workdir=${own}/work overlay ${path}
`;
  }).join("");
}

function needFolder(what: string, path: string) {
  try {
    return need(what, Deno.statSync(path).isDirectory ? path : undefined);
  } catch {
    return need(what, undefined);
  }
}

function runsQuietly(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stderr: "null" }).outputSync()
      .success;
  } catch {
    return false; // there is no such program
  }
}

/** What a program prints; how it ended is for its text to say. */
async function output(
  program: string,
  options: { args: string[]; env: Record<string, string> },
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    ...options,
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (code !== 0 && text === "") {
    throw new Error(`${program} ended with ${code}: ${decoder.decode(stderr)}`);
  }
  return text;
}
