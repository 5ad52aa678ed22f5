// This machine as a host, and a folder in which files are pushed and fetched.
import { assert } from "@std/assert";
import { join } from "@std/path";
import type {
  Call,
  CallSettings,
  FetchArgs,
  HostResult,
  PushArgs,
} from "../../../src/core/call/call.ts";
import { openHostFleet } from "../../../src/core/fleet/host_fleet.ts";
import { collect, run } from "../../../src/core/run/run.ts";
import { loadHosts } from "../../../src/core/input/load_hosts.ts";
import { need } from "../../support/need.ts";

/** What a test gets. */
export interface World {
  readonly folder: string;
  /** A path in it. */
  path(...parts: string[]): string;
  /** Makes files; a text is content, an object a folder, an array a link. */
  make(tree: Tree): Promise<void>;
  /** What is below a path, as `make()` takes it. */
  read(place: string): Promise<Tree>;
  push(push: PushArgs, settings?: CallSettings): Promise<HostResult>;
  fetch(fetch: FetchArgs, settings?: CallSettings): Promise<HostResult>;
}

/** A folder's content. */
export interface Tree {
  [name: string]: string | [target: string] | Tree;
}

/** Runs a test in a folder of its own, with this machine as the host `here`. */
export async function inWorld(
  test: (world: World) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "ftl-files-" }),
  );
  const hosts = await loadHosts({ inventory: "here," });
  const fleet = await openHostFleet({
    hosts,
    connection: { transport: "local" },
    ssh: { config: "none" },
  });
  const call = async (call: Call): Promise<HostResult> => {
    const { results } = await collect(run(fleet, call));
    return results.get("here")!;
  };
  const path = (...parts: string[]) => join(folder, ...parts);
  try {
    await test({
      folder,
      path,
      make: (tree) => makeTree(folder, tree),
      read: (place) => readTree(path(place)),
      push: (push, settings) => call({ push, ...settings }),
      fetch: (fetch, settings) => call({ fetch, ...settings }),
    });
  } finally {
    await fleet.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeTree(folder: string, tree: Tree): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, what] of Object.entries(tree)) {
    const path = join(folder, name);
    if (Array.isArray(what)) await Deno.symlink(what[0], path);
    else if (typeof what === "string") await Deno.writeTextFile(path, what);
    else await makeTree(path, what);
  }
}

async function readTree(folder: string): Promise<Tree> {
  const tree: Tree = {};
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    const path = join(folder, name);
    tree[name] = isSymlink
      ? [await Deno.readLink(path)]
      : isDirectory
      ? await readTree(path)
      : await Deno.readTextFile(path);
  }
  return tree;
}

/** What tests need that fill a disk of their own. */
export const mount = need(
  "right to mount",
  await mayMount() ? "yes" : undefined,
);

async function mayMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `mount -t tmpfs tmpfs ${folder} && umount ${folder}`],
    stderr: "null",
  }).output();
  await Deno.remove(folder);
  return success;
}

/** Runs a command that must succeed. */
export async function sh(command: string): Promise<void> {
  const { success } = await new Deno.Command("sh", { args: ["-c", command] })
    .output();
  assert(success, command);
}
