// Hosts that lie to a fetch: real SSH servers that answer as a test says. What
// they say fails their own result, and nothing outside of their folder changes.
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import type { ServerChannel } from "ssh2";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { loadHosts } from "../../../src/core/input/load_hosts.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { tarHeader, tarPadding } from "../../../src/core/tar/tar_writer.ts";
import { startSshServer } from "../../support/ssh_server.ts";

/** The answers of a lying host, in order; a function drives the channel. */
type Lies = readonly (Lie | ((channel: ServerChannel) => void))[];
type Lie = string | Uint8Array;

/** Fetches `src` from a lying host; returns the result and the folders around DIR. */
async function fetchFrom(lies: Lies, { src = "/srv/d", max_size = 1e6 } = {}) {
  const around = await Deno.makeTempDir({ prefix: "ftl-hostile-" });
  const dest = join(around, "a", "b");
  await Deno.mkdir(dirname(dest));
  const server = await startSshServer({
    run: (command, channel) => lie(command, channel, lies),
  });
  const hosts = await loadHosts({ inventory: "liar," });
  const knownHosts = join(server.folder, "known_hosts");
  await Deno.writeTextFile(knownHosts, server.knownHosts);
  const fleet = await openHostFleet({
    hosts,
    connection: {
      port: server.port,
      user: "deploy",
      identityFiles: [server.identityFile],
      knownHostsFiles: [knownHosts],
      hostKeys: "off",
    },
    ssh: { config: await configFor(server.folder), agentSocket: "" },
  });
  try {
    const { results } = await collect(
      run(fleet, {
        fetch: { src, dest, max_size },
        timeoutMs: 5_000,
      }),
    );
    const found = (await paths(around)).filter((path) =>
      !/^a(\/b(\/liar(\/d)?)?)?$/.test(path)
    );
    return { result: results.get("liar")!, found };
  } finally {
    await fleet.close();
    await server.stop();
    await Deno.remove(around, { recursive: true });
  }
}

async function configFor(folder: string): Promise<string> {
  const path = join(folder, "config");
  await Deno.writeTextFile(path, "Host liar\n  HostName 127.0.0.1\n");
  return path;
}

function lie(command: string, channel: ServerChannel, lies: Lies): void {
  const nonce = /ftl-([0-9a-f]{32})/.exec(command)![1]!;
  channel.on("error", () => {});
  channel.write(`ftl-${nonce}-sh\n`);
  channel.stderr.write(`ftl-${nonce}-sh\n`);
  const left = [...lies];
  let seen = 0;
  channel.on("data", (data: Uint8Array) => {
    // The first line starts the conversation; each other one wants an answer.
    for (const byte of data) if (byte === 0x0a) seen++;
    if (seen < 2) return;
    const next = left.shift();
    if (next === undefined) return;
    seen = 1;
    if (typeof next === "function") return next(channel);
    channel.write(next);
    channel.write(`\n${nonce} 0\n`);
  });
  channel.on("end", () => channel.end());
}

async function paths(folder: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = below === "" ? name : `${below}/${name}`;
    found.push(path);
    if (isDirectory) found.push(...await paths(join(folder, name), path));
  }
  return found.sort();
}

/** What follows the file or folder: who we are, and the folder entered. */
const ENTERED = "0\nours\n\n";
const FOLDER = `\nd\nr\n41ed 4096 1000000000 0 0\n${ENTERED}`;
const FILE = "81a4 5 1000000000 0 0\n";
const DIR = "41ed 4096 1000000000 0 0\n";

function listing(
  ...entries: [name: string, kind: string, target?: string][]
): string {
  const all: typeof entries = [[".", "d"], ...entries];
  return all.map(([name]) => `${name}\0`).join("") + "\0" +
    all.map(([, kind]) => kind).join("") + "\n-\n" +
    all.map(([, kind]) => kind === "d" ? DIR : FILE).join("") +
    all.map(([, , target]) => target === undefined ? "" : `${target}\n\0`).join(
      "",
    );
}

function archive(
  name: string,
  content: string,
  type = "0",
  target = "",
): Uint8Array {
  const size = content.length;
  const about = { mode: 0o644, mtime: 0, uid: 0, gid: 0, target };
  const header = tarHeader({ ...about, name, kind: "file", size });
  if (type !== "0") {
    header[156] = type.charCodeAt(0);
    header.set(new TextEncoder().encode("        "), 148);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.set(
      new TextEncoder().encode(sum.toString(8).padStart(6, "0") + "\0 "),
      148,
    );
  }
  return new Uint8Array([
    ...header,
    ...new TextEncoder().encode(content),
    ...tarPadding(size),
    ...new Uint8Array(1024),
  ]);
}

function hostileTest(
  name: string,
  lies: Lies,
  says: RegExp,
  { writes = [], ...options }: {
    src?: string;
    max_size?: number;
    writes?: string[];
  } = {},
): void {
  const written = writes.length === 0 ? "nothing" : "no more than that";
  Deno.test(`a fetch from a host that ${name} fails, and writes ${written}`, async () => {
    const { result, found } = await fetchFrom(lies, options);
    assert(
      result.status !== "ok" && result.status !== "changed",
      JSON.stringify(result),
    );
    const text = `${result.error?.message} ${
      (result.result as { msg?: string } | null)?.msg
    }`;
    assert(says.test(text), text);
    assertEquals(found, writes);
  });
}

for (
  const name of [
    "./../x",
    "./a/../../x",
    "/etc/x",
    "../x",
    "x",
    "./",
    "./a//b",
    "../files",
    "..",
    "./a/./b",
  ]
) {
  hostileTest(
    `lists ${name}`,
    [FOLDER, listing([name, "f"])],
    /leads out of the folder|contradicts/,
  );
}
for (
  const path of [
    "/etc/x",
    "/srv/../x",
    "/srv/d/../../x",
    "/srv/",
    "x",
    "/srvx/y",
  ]
) {
  hostileTest(
    `says that ${path} matches a pattern`,
    [`/srv/*\0p\0${path}\0`],
    /is not below \/srv/,
    { src: "/srv/*" },
  );
}
hostileTest(
  "says that too many paths match",
  [
    "/srv/*\0p\0" +
    Array.from({ length: 1001 }, (_, i) => `/srv/${i}\0`).join(""),
  ],
  /more than 1000 paths match/,
  { src: "/srv/*" },
);
hostileTest("lists a file below a file", [
  FOLDER,
  listing(["./a", "f"], ["./a/b", "f"]),
], /contradicts/);
hostileTest("lists a file below a link", [
  FOLDER,
  listing(["./a", "l", "/etc"], ["./a/b", "f"]),
], /contradicts/);
hostileTest("lists a name twice", [
  FOLDER,
  listing(["./a", "f"], ["./a", "l", "b"]),
], /contradicts/);
hostileTest(
  "lists no folder first",
  [FOLDER, listing(["./a/b", "f"])],
  /contradicts/,
);
hostileTest(
  "sends a listing that is invalid",
  [FOLDER, "garbage\0\0zzz\n"],
  /Cannot read the host's listing/,
);
hostileTest("sends a file that was not requested", [
  FOLDER,
  listing(["./a", "f"]),
  archive("./b", "12345"),
], /"\.\/b" was not requested/);
hostileTest("sends a file with a name that leads out", [
  FOLDER,
  listing(["./a", "f"]),
  archive("../../x", "12345"),
], /was not requested/);
hostileTest("sends a link in place of a file", [
  FOLDER,
  listing(["./a", "f"]),
  archive("./a", "", "2"),
], /a member is not a regular file/);
hostileTest("sends a device in place of a file", [
  FOLDER,
  listing(["./a", "f"]),
  archive("./a", "", "3"),
], /a member is not a regular file/);
hostileTest("sends no archive", [
  FOLDER,
  listing(["./a", "f"]),
  "x".repeat(2000),
], /damaged/);
hostileTest("vanishes in the middle of an archive", [
  FOLDER,
  listing(["./a", "f"]),
  (c) => {
    c.write(archive("./a", "12345").subarray(0, 514));
    c.close();
  },
], /the connection was lost/);
hostileTest(
  "sends more than it may",
  [FOLDER, listing(["./a", "f"]), archive("./a", "1".repeat(3000))],
  /more than the 1000/,
  { max_size: 1000 },
);
hostileTest(
  "sends one file under many names",
  [
    FOLDER,
    listing(["./a", "f"], ["./b", "f"], ["./c", "f"]),
    new Uint8Array([
      ...archive("./a", "1".repeat(400)),
      ...archive("./b", "", "1", "./a"),
      ...archive("./c", "", "1", "./a"),
    ]),
  ],
  /from liar: its 1200 bytes are more than the 1000/,
  { max_size: 1000, writes: ["a/b/liar/d/a", "a/b/liar/d/b"] },
);
hostileTest(
  "lists more folders than it may",
  [FOLDER, listing(["./a", "d"], ["./b", "d"], ["./c", "d"])],
  /from liar: its 12288 bytes are more than the 10000/,
  { max_size: 10_000 },
);
hostileTest(
  "lists more names than it may",
  [FOLDER, Array.from({ length: 200_001 }, (_, i) => `./${i}\0`).join("")],
  /from liar: it lists more than the 200000 names/,
);
hostileTest(
  "announces more than it may",
  [`\nf\nr\n81a4 999999999 1 0 0\n${ENTERED}`],
  /more than the 1000000/,
);
hostileTest(
  "announces a size that is not a number",
  [`\nf\nr\n81a4 -5 1 0 0\n${ENTERED}`],
  /Cannot read the host's listing/,
);
hostileTest("sends less than it announced", [
  `\nf\nr\n81a4 100000 1 0 0\n${ENTERED}`,
  (c) => {
    c.write("short");
    c.exit(0);
    c.end();
  },
], /other content than it announced/);
hostileTest("sends a little less than it announced", [
  `\nf\nr\n81a4 10 1 0 0\n${ENTERED}`,
  (c) => {
    c.write("short\n0123456789 0\n");
    c.exit(0);
    c.end();
  },
], /other content than it announced/);
hostileTest("sends more than it announced", [
  `\nf\nr\n81a4 5 1 0 0\n${ENTERED}`,
  "12345678",
], /other content than it announced/);
hostileTest("answers without end", [(c) => {
  const flood = () => {
    while (c.writable && c.write(new Uint8Array(65536).fill(65)));
    if (c.writable) c.once("drain", flood);
  };
  flood();
}], /longer than 64 MiB|deadline/);
hostileTest("sends garbage in place of an answer", [
  new Uint8Array(5000).fill(0xff),
], /Cannot read the host's listing/);
hostileTest("vanishes in the middle of a file", [
  `\nf\nr\n81a4 100000 1 0 0\n${ENTERED}`,
  (c) => {
    c.write("some");
    c.close();
  },
], /the connection was lost/);

Deno.test("a link that leads out is left out, wherever the host has it", async () => {
  const { result, found } = await fetchFrom([
    FOLDER,
    listing(["./a", "l", "/etc/passwd"], ["./b", "l", "../../../x"], [
      "./c",
      "l",
      "d/../../x",
    ], ["./e", "l", "f"]),
  ]);
  assertEquals([result.status, result.error], ["changed", null]);
  assertEquals((result.result as { warnings: string[] }).warnings.length, 3);
  assertEquals(found, ["a/b/liar/d/e"]);
});
