// What another user of a host can do while root pushes into his folder, or fetches
// from it: spoil his own folder, and nothing else. A program that runs as that
// user exchanges names as fast as it can.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { HostResult } from "../../../src/core/call/call.ts";
import { openTo } from "../../support/access_list.ts";
import { need } from "../../support/need.ts";
import { inWorld, sh, type World } from "./world.ts";

/** No account has this number. */
const MALLORY = 61_537;
const PYTHON = "/usr/bin/python3";

const asRoot = need(
  "root and python3",
  Deno.uid() === 0 && await isThere(PYTHON) ? "yes" : undefined,
);

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

type Attack = "stage" | "file" | "plant" | "middle" | "place";

/** A world with a folder `dest` of another user and one of root, `victim`. */
function otherUserTest(
  name: string,
  body: (world: World) => Promise<void>,
): void {
  Deno.test({
    name: `${name}${asRoot.suffix}`,
    ignore: asRoot.ignore,
    fn: () =>
      inWorld(async (world) => {
        await Deno.chmod(world.folder, 0o755);
        await world.make({
          dest: {},
          victim: { secret: "root only" },
          src: {
            f: "pushed",
            deep: { g: "pushed" },
            sub: { h: "pushed", secret: "pushed" },
          },
        });
        await Deno.chmod(world.path("victim", "secret"), 0o600);
        await Deno.chown(world.path("dest"), MALLORY, MALLORY);
        await body(world);
      }),
  });
}

/** Does something again and again while the other user attacks. */
async function against(
  attack: Attack,
  world: World,
  { tries, once }: { tries: number; once: (i: number) => Promise<HostResult> },
): Promise<void> {
  const racer = new Deno.Command(PYTHON, {
    args: [
      ...[join(import.meta.dirname!, "../../support/racer.py"), `${MALLORY}`],
      ...[world.path("dest"), world.path("victim"), attack],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let done = 0;
  try {
    const reader = racer.stdout.getReader();
    assert(!(await reader.read()).done, "the other user did not begin");
    reader.releaseLock();
    for (let i = 0; i < tries; i++) {
      const { status } = await once(i);
      if (status === "changed") done++;
      await assertUnharmed(world);
    }
    assert(done > 0, "nothing was ever done");
  } finally {
    await racer.stdin.close();
    await racer.stdout.cancel();
    await racer.status;
  }
}

async function assertUnharmed(world: World): Promise<void> {
  assertEquals(await isThere(world.path("dest", "harm")), false, "root ran it");
  const names = await Array.fromAsync(
    Deno.readDir(world.path("victim")),
    ({ name }) => name,
  );
  assertEquals(names, ["secret"]);
  assertEquals(
    await Deno.readTextFile(world.path("victim", "secret")),
    "root only",
  );
  for (const [place, mode] of [["victim", 0o755], ["victim/secret", 0o600]]) {
    const info = await Deno.lstat(world.path(`${place}`));
    assertEquals(
      [info.uid, info.gid, info.mode! & 0o7777],
      [0, 0, mode],
      `${place}`,
    );
  }
}

const TRIES = 15;

otherUserTest(
  "a push of a folder runs nothing that its owner puts in place of the staging folder",
  (world) =>
    against("stage", world, {
      tries: TRIES,
      once: async (i) => {
        await Deno.writeTextFile(world.path("src", "f"), `${i}`);
        const src = `${world.path("src")}/`;
        return await world.push({
          src,
          dest: world.path("dest"),
          preserve: true,
        });
      },
    }),
);

otherUserTest(
  "a push of a file writes through no link that was planted by its command line",
  (world) =>
    against("plant", world, {
      tries: TRIES,
      once: async (i) => {
        await Deno.writeTextFile(world.path("src", "f"), `${i}`);
        const src = world.path("src", "f");
        const dest = world.path("dest", "f");
        return await world.push({
          src,
          dest,
          mode: "0666",
          owner: `${MALLORY}`,
        });
      },
    }),
);

for (const name of ["f", "/"]) {
  otherUserTest(
    `a push of ${
      name === "/" ? "a folder" : "a file"
    } writes through no link in place of what it stages`,
    (world) =>
      against("file", world, {
        tries: TRIES,
        once: async (i) => {
          await Deno.writeTextFile(world.path("src", "f"), `${i}`);
          const src = `${world.path("src")}/${name === "/" ? "" : name}`;
          const dest = world.path("dest");
          return await world.push({
            src,
            dest,
            mode: "0666",
            owner: `${MALLORY}`,
          });
        },
      }),
  );
}

otherUserTest(
  "a push changes no owner through a link in place of a file with the same content",
  async (world) => {
    await world.make({ dest: { f: "pushed" } });
    await against("place", world, {
      tries: 4 * TRIES,
      once: async (i) => {
        const [src, dest] = [world.path("src", "f"), world.path("dest", "f")];
        const mode = i % 2 === 0 ? "0666" : "0606";
        return await world.push({
          src,
          dest,
          mode,
          owner: `${MALLORY + i % 2}`,
        });
      },
    });
  },
);

otherUserTest(
  "a push with delete removes nothing through a link in place of a folder",
  async (world) => {
    const dest = world.path("dest");
    await world.make({ bare: { f: "" } });
    await against("middle", world, {
      tries: 3 * TRIES,
      once: async (i) => {
        // The other user's folder has a file with the name of the victim's.
        await sh(
          `cd '${dest}'&&rm -rf ./new&&mkdir new&&echo x >new/secret&&` +
            `chown -R ${MALLORY} new&&{ [ -e sub/. ]||mv -T new sub;}||:`,
        );
        await Deno.writeTextFile(world.path("bare", "f"), `${i}`);
        return await world.push({
          src: `${world.path("bare")}/`,
          dest,
          delete: true,
        });
      },
    });
  },
);

otherUserTest(
  "a push into a folder that is exchanged for a link stays below DEST",
  async (world) => {
    await world.make({ dest: { sub: { h: "old" } } });
    await Deno.chown(world.path("dest", "sub"), MALLORY, MALLORY);
    await against("middle", world, {
      tries: 2 * TRIES,
      once: async (i) => {
        await Deno.writeTextFile(world.path("src", "sub", "h"), `${i}`);
        await Deno.chmod(world.path("src", "sub"), 0o700 + i % 8);
        const src = `${world.path("src")}/`;
        const about = { preserve: true, owner: `${MALLORY}` };
        const whole = await world.push({
          src,
          dest: world.path("dest"),
          ...about,
        });
        await world.push({
          src: world.path("src", "sub", "h"),
          dest: world.path("dest", "sub", "new", "h"),
          parents: true,
        });
        return whole;
      },
    });
  },
);

otherUserTest(
  "a push through a link in another user's folder fails with that reason",
  async (world) => {
    await world.make({ dest: { sub: [world.path("victim")] } });
    await sh(`chown -h ${MALLORY} ${world.path("dest", "sub")}`);
    const src = world.path("src", "f");
    for (const dest of ["dest/sub", "dest/sub/f"]) {
      const { status, error } = await world.push({
        src,
        dest: world.path(dest),
      });
      assertEquals(status, "failed");
      assertEquals(
        error!.message,
        `Cannot write to ${
          world.path(dest)
        }: its path has a link in a folder ` +
          "that other users can change",
      );
    }
    const whole = await world.push({
      src: `${world.path("src")}/`,
      dest: world.path("dest"),
    });
    assertEquals(whole.status, "failed");
    await assertUnharmed(world);
  },
);

otherUserTest(
  "a push follows no link in a folder that an access control list opens to others",
  async (world) => {
    await Deno.chown(world.path("dest"), 0, 0);
    const src = world.path("src", "f");
    const push = (dest: string) => world.push({ src, dest: world.path(dest) });
    for (const owner of [0, MALLORY + 1]) {
      await sh(`chown -R ${owner}:${owner} ${world.path("dest")}`);
      await openTo(MALLORY, world.path("dest"));
      const link = world.path("dest", `link-${owner}`);
      await sh(
        `setpriv --reuid ${MALLORY} --clear-groups ` +
          `ln -s ${world.path("victim")} ${link}`,
      );
      const { status, error } = await push(`dest/link-${owner}`);
      assertEquals(status, "failed");
      assertMatch(error!.message, /a link in a folder that other users/);
    }
    await assertUnharmed(world);
  },
);

otherUserTest(
  "a folder that an access control list opens to others is not moved into by its path",
  async (world) => {
    await Deno.chown(world.path("dest"), 0, 0);
    await world.make({ dest: { sub: { h: "old" } } });
    await openTo(MALLORY, world.path("dest"));
    await against("middle", world, {
      tries: 4 * TRIES,
      once: async (i) => {
        await Deno.writeTextFile(world.path("src", "sub", "h"), `${i}`);
        const src = `${world.path("src")}/`;
        return await world.push({ src, dest: world.path("dest") });
      },
    });
  },
);

otherUserTest(
  "a push follows a link of another user to that user's folder",
  async (world) => {
    await world.make({ dest: { now: ["v1"], v1: {} } });
    for (const name of ["now", "v1"]) {
      await sh(`chown -h ${MALLORY} ${world.path("dest", name)}`);
    }
    const src = world.path("src", "f");
    const { error } = await world.push({
      src,
      dest: world.path("dest", "now"),
    });
    assertEquals(error, null);
    assertEquals(await world.read("dest/v1"), { f: "pushed" });
  },
);

otherUserTest(
  "a push into a folder of another user puts all of it there, also below",
  async (world) => {
    await world.make({ dest: { sub: { h: "old", mine: "stays" }, f: "old" } });
    await sh(`chown -R ${MALLORY} ${world.path("dest")}`);
    await world.make({ src: { sub: { "ü\n": "odd\n", new: { x: "1" } } } });
    const src = `${world.path("src")}/`;
    const { error } = await world.push({ src, dest: world.path("dest") });
    assertEquals(error, null);
    assertEquals(await world.read("dest"), {
      f: "pushed",
      deep: { g: "pushed" },
      sub: {
        ...{ h: "pushed", mine: "stays", secret: "pushed" },
        ...{ "ü\n": "odd\n", new: { x: "1" } },
      },
    });
    const h = await Deno.stat(world.path("dest", "sub", "h"));
    assertEquals(h.uid, MALLORY); // as the one that it replaces
    const again = await world.push({ src, dest: world.path("dest") });
    assertEquals(again.status, "ok");
  },
);

otherUserTest(
  "new content does not get the rights of a program that it replaces",
  async (world) => {
    await world.make({ dest: { f: "old" } });
    await Deno.chmod(world.path("dest", "f"), 0o4755);
    const src = world.path("src", "f");
    await world.push({ src, dest: world.path("dest", "f") });
    const { mode } = await Deno.stat(world.path("dest", "f"));
    assertEquals(mode! & 0o7777, 0o755);
  },
);

otherUserTest(
  "a fetch of a link in another user's folder takes only that user's files",
  async (world) => {
    const secret = world.path("victim", "secret");
    await world.make({ dest: { out: [secret], log: ["f"], f: "mine" } });
    await sh(`chown -hR ${MALLORY} ${world.path("dest")}`);
    const dest = world.path("here");
    const led = await world.fetch({ src: world.path("dest", "out"), dest });
    assertEquals(led.status, "failed");
    const own = await world.fetch({ src: world.path("dest", "log"), dest });
    assertEquals(own.error, null);
    assertEquals(await world.read("here"), { here: { log: "mine" } });
  },
);

for (const attack of ["middle", "place"] as const) {
  otherUserTest(
    `a fetch of ${
      attack === "middle" ? "a folder" : "a file"
    } takes nothing that a link leads to that was put there during the push`,
    async (world) => {
      // Nothing that the host says of the two tells them apart.
      await world.make({
        dest: { f: "mine only", sub: { secret: "mine only" } },
      });
      await sh(`chown -hR ${MALLORY} ${world.path("dest")}`);
      await against(attack, world, {
        tries: 4 * TRIES,
        once: async (i) => {
          const src = world.path("dest", attack === "place" ? "f" : "");
          return await world.fetch({ src, dest: world.path(`here-${i}`) });
        },
      });
      const { stdout } = await new Deno.Command("grep", {
        args: ["-rl", "root only", world.folder],
      }).output();
      const found = new TextDecoder().decode(stdout).trim();
      assertEquals(found, world.path("victim", "secret"));
    },
  );
}

otherUserTest(
  "a fetch writes nothing into a folder of another user of this machine",
  async (world) => {
    await world.make({ here: { here: {} } });
    await Deno.chown(world.path("here", "here"), MALLORY, MALLORY);
    const src = world.path("src", "f");
    const { status, error } = await world.fetch({
      src,
      dest: world.path("here"),
    });
    assertEquals(status, "failed");
    assert(error!.message.endsWith("belongs to another user"), error!.message);
    assertEquals(await world.read("here"), { here: {} });
  },
);
