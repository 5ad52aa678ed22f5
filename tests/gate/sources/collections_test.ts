import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import { Collections } from "../../../src/gate/sources/collections.ts";
import { buildGate } from "../../../src/gate/archive/build_gate.ts";
import { Reader } from "../../../src/gate/sources/build_inputs.ts";
import { findModule } from "../../../src/gate/modules/module_finder.ts";
import { needProgram } from "../../support/need.ts";
import { CORE, withTree } from "../../support/source_tree.ts";

const tar = needProgram("tar");
const LONG =
  "a_module_whose_name_is_so_long_that_no_header_of_a_tar_has_room_for_it_all_and_that_needs_more_than_a_hundred_letters";
const PUBLISHED = {
  "acme/MANIFEST.json": "{}",
  "acme/meta/runtime.yml":
    "plugin_routing:\n  modules:\n    old:\n      redirect: acme.tools.thing\n",
  "acme/plugins/modules/thing.py":
    "from ansible.module_utils.basic import AnsibleModule\nfrom ..module_utils.util import x\n",
  [`acme/plugins/modules/${LONG}.py`]: "#!/usr/bin/python\n",
  "acme/plugins/module_utils/util.py": "x = 1\n",
};

async function pack(folder: string, name: string, ...options: string[]) {
  const { success } = await new Deno.Command(tar.path, {
    args: [
      ...options,
      "-C",
      join(folder, "acme"),
      "-czf",
      join(folder, name),
      ".",
    ],
  }).output();
  assertEquals(success, true);
}

for (const format of ["gnu", "pax", "ustar"]) {
  Deno.test({
    name:
      `a collection is read from a tarball in ${format} format${tar.suffix}`,
    ignore: tar.ignore,
    fn: () =>
      withTree({ ...CORE, ...PUBLISHED }, async (folder) => {
        const tarball = "acme-tools-1.2.0.tar.gz";
        await pack(
          folder,
          tarball,
          `--format=${format}`,
          ...format === "ustar" ? ["--exclude", `${LONG}*`] : [],
        );
        const sources = {
          dirs: [join(folder, "core")],
          collections: [join(folder, tarball)],
        };
        const gate = await buildGate(
          { ...sources, modules: ["acme.tools.old", "acme.tools.thing"] },
          {},
        );
        const root = "ansible_collections/acme/tools/plugins";
        assertEquals(gate.manifest.modules["acme.tools.old"], {
          path: `${root}/modules/thing.py`,
          kind: "new",
        });
        assertEquals(
          gate.manifest.entries[`${root}/module_utils/util.py`]?.size,
          6,
        );
        if (format === "ustar") return;
        const long = await findModule(`acme.tools.${LONG}`, sources);
        assertEquals(
          long.path,
          `${folder}/${tarball}:plugins/modules/${LONG}.py`,
        );
      }),
  });
}

Deno.test({
  name:
    `the newest of several tarballs counts, and a folder before them${tar.suffix}`,
  ignore: tar.ignore,
  fn: () =>
    withTree(PUBLISHED, async (folder) => {
      for (const version of ["1.9.0", "1.10.0"]) {
        await pack(folder, `acme-tools-${version}.tar.gz`);
      }
      const open = async () => {
        const collections = await Collections.open(new Reader(), [folder]);
        return (await collections.find("acme.tools"))?.tree.path;
      };
      assertEquals(await open(), join(folder, "acme-tools-1.10.0.tar.gz"));
      const unpacked = join(folder, "ansible_collections/acme/tools");
      await Deno.mkdir(unpacked, { recursive: true });
      assertEquals(await open(), unpacked);
    }),
});

Deno.test({
  name: `an error names a damaged tarball${tar.suffix}`,
  ignore: tar.ignore,
  fn: () =>
    withTree(PUBLISHED, async (folder) => {
      const path = join(folder, "acme-tools-1.0.0.tar.gz");
      await pack(folder, "acme-tools-1.0.0.tar.gz");
      const bytes = await Deno.readFile(path);
      for (
        const damaged of [
          bytes.subarray(0, bytes.length / 2),
          bytes.subarray(9),
        ]
      ) {
        await Deno.writeFile(path, damaged);
        const collections = await Collections.open(new Reader(), [path]);
        await assertRejects(
          () => collections.find("acme.tools"),
          BuildError,
          `Cannot read ${path}: it is not a complete`,
        );
      }
    }),
});

Deno.test("a path without collections is an error that names what is missing", () =>
  withTree({ "empty/README": "", "acme_tools.tar.gz": "" }, async (folder) => {
    const open = (path: string) =>
      Collections.open(new Reader(), [join(folder, path)]);
    await assertRejects(
      () => open("empty"),
      BuildError,
      "it has neither a folder ansible_collections nor tarballs",
    );
    for (const path of ["nope", "acme_tools.tar.gz"]) {
      await assertRejects(
        () => open(path),
        BuildError,
        "the folder does not exist",
      );
    }
  }));

Deno.test("earlier paths win", () =>
  withTree({
    "one/ansible_collections/acme/tools/README": "",
    "two/ansible_collections/acme/tools/README": "",
    "two/ansible_collections/acme/more/README": "",
  }, async (folder) => {
    const collections = await Collections.open(
      new Reader(),
      ["one", "two/ansible_collections"].map((path) => join(folder, path)),
    );
    const pathOf = async (name: string) =>
      (await collections.find(name))?.tree.path.slice(folder.length + 1);
    assertEquals(
      await pathOf("acme.tools"),
      "one/ansible_collections/acme/tools",
    );
    assertEquals(
      await pathOf("acme.more"),
      "two/ansible_collections/acme/more",
    );
    assertEquals(await pathOf("acme.none"), undefined);
  }));
