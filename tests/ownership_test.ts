// Files as administrators have them, and as attackers would. Needs root, to give
// files to other users.
import { assertEquals } from "@std/assert";
import { exposureOf, type FileUse } from "../src/ownership.ts";
import { openTo } from "./support/access_list.ts";

const OTHER = 12345;
const OWNERSHIP = import.meta.resolve("../src/ownership.ts");

interface Entry {
  /** Owner, group and mode of the file, and of the folder around it. */
  readonly file: readonly [number, number, number];
  readonly folder: readonly [number, number, number];
}

const OURS: Entry = { file: [0, 0, 0o644], folder: [0, 0, 0o755] };

/** `refused`, `warned` or `fine`, and why, for each use of a file. */
async function judged(
  entry: Partial<Entry>,
): Promise<{ verdicts: string; why: string | undefined }> {
  const { file, folder } = { ...OURS, ...entry };
  const outer = await Deno.makeTempDir();
  try {
    const path = `${outer}/folder/file`;
    await Deno.mkdir(`${outer}/folder`);
    await Deno.writeTextFile(path, "x");
    await own(path, file);
    await own(`${outer}/folder`, folder);
    const uses: FileUse[] = ["program", "code", "data"];
    const found = uses.map((use) => exposureOf(path, use));
    const why = found.find((one) => one !== undefined)?.why
      .replaceAll(outer, "");
    const verdicts = found.map((one) =>
      one === undefined ? "fine" : one.isRefused ? "refused" : "warned"
    ).join(" ");
    return { verdicts, why };
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

async function own(
  path: string,
  [uid, gid, mode]: readonly [number, number, number],
) {
  await Deno.chown(path, uid, gid);
  await Deno.chmod(path, mode);
}

function test(
  name: string,
  entry: Partial<Entry>,
  verdicts: string,
  why?: string,
) {
  Deno.test({
    name,
    ignore: Deno.uid() !== 0,
    fn: async () => assertEquals(await judged(entry), { verdicts, why }),
  });
}

test("a file of ours is fine for every use", {}, "fine fine fine");

test("a file that our own group may write to is fine (umask 002)", {
  file: [0, 0, 0o664],
  folder: [0, 0, 0o775],
}, "fine fine fine");

test(
  "a file that everybody can write to is data at best",
  {
    file: [0, 0, 0o666],
  },
  "refused refused warned",
  "everybody can write to it",
);

test(
  "a file of another user is data at best",
  {
    file: [OTHER, 0, 0o644],
  },
  "refused refused warned",
  `it belongs to user ${OTHER}, neither to you nor to root`,
);

test(
  "a file that root lets a group write to is not run here",
  {
    file: [0, OTHER, 0o664],
  },
  "refused fine fine",
  `group ${OTHER} can write to it`,
);

Deno.test({
  name: "a file that an access control list opens to others is not run here",
  ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/file`;
      await Deno.writeTextFile(path, "x");
      await openTo(OTHER, path);
      const found = exposureOf(path, "program");
      assertEquals([found?.isRefused, found?.why], [
        true,
        "an access control list may let others write to it",
      ]);
      await openTo(OTHER, folder);
      await Deno.chmod(path, 0o644);
      assertEquals(
        exposureOf(path, "program")?.why,
        `an access control list may let others write to ${folder}`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

test(
  "a file in a folder that everybody can write to is data at best",
  {
    folder: [0, 0, 0o777],
  },
  "refused refused warned",
  "everybody can write to /folder",
);

test(
  "a file in a folder of another user is data at best",
  {
    folder: [OTHER, 0, 0o755],
  },
  "refused refused warned",
  `/folder belongs to user ${OTHER}, neither to you nor to root`,
);

test("a file of ours in a sticky folder cannot be replaced", {
  folder: [0, 0, 0o1777],
}, "fine fine fine");

test(
  "a folder of root's that a group may write to holds no programs",
  {
    folder: [0, OTHER, 0o2775],
  },
  "refused fine fine",
  `group ${OTHER} can write to /folder`,
);

Deno.test({
  name: "a link of another user says where it leads, also in a sticky folder",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    const outer = await Deno.makeTempDir();
    try {
      await Deno.chmod(outer, 0o1777);
      await Deno.mkdir(`${outer}/ours`);
      await Deno.writeTextFile(`${outer}/ours/file`, "x");
      await Deno.symlink("ours", `${outer}/link`);
      await new Deno.Command("chown", {
        args: ["-h", String(OTHER), `${outer}/link`],
      }).output();
      assertEquals(
        exposureOf(`${outer}/link/file`, "code")?.why,
        `${outer}/link is a link of user ${OTHER}, who is neither you nor root`,
      );
    } finally {
      await Deno.remove(outer, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a user's file that another group may write to is run on hosts with a warning",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    const script = `
      const { exposureOf } = await import(${JSON.stringify(OWNERSHIP)});
      const { why, isRefused } = exposureOf(Deno.args[0], "code");
      console.log(isRefused, why);`;
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/module.py`;
      await Deno.writeTextFile(path, "x");
      await own(folder, [OTHER, OTHER, 0o755]);
      await own(path, [OTHER, 54321, 0o664]);
      // As that user; the module's code is ours, and so is Deno's cache.
      Deno.env.set("SUDO_UID", String(OTHER));
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["eval", "--ext=ts", script, path],
        cwd: new URL("..", import.meta.url).pathname,
      }).output();
      const said = new TextDecoder().decode(stdout).trim();
      assertEquals(said, "false group 54321 can write to it");
    } finally {
      Deno.env.delete("SUDO_UID");
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a link does not hide where a file is, and may be replaced itself",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    const outer = await Deno.makeTempDir();
    try {
      for (const name of ["open", "closed"]) {
        await Deno.mkdir(`${outer}/${name}`);
      }
      await Deno.chmod(`${outer}/open`, 0o777);
      for (const [from, to] of [["open", "closed"], ["closed", "open"]]) {
        await Deno.writeTextFile(`${outer}/${from}/file`, "x");
        await Deno.symlink(`${outer}/${from}/file`, `${outer}/${to}/link`);
        const why = exposureOf(`${outer}/${to}/link`, "code")?.why;
        assertEquals(why, `everybody can write to ${outer}/open`);
      }
    } finally {
      await Deno.remove(outer, { recursive: true });
    }
  },
});

Deno.test("a pipe, a terminal and /dev/null have no writers", () => {
  assertEquals(exposureOf("/dev/null", "program"), undefined);
});

Deno.test("FTL_TRUST_FILES=1 uses files as they are", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.chmod(path, 0o666);
    assertEquals(exposureOf(path, "code")?.isRefused, true);
    Deno.env.set("FTL_TRUST_FILES", "1");
    assertEquals(exposureOf(path, "code"), undefined);
  } finally {
    Deno.env.delete("FTL_TRUST_FILES");
    await Deno.remove(path);
  }
});
