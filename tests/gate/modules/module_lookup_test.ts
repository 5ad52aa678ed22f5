import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import { listModuleNames } from "../../../src/gate/modules/module_list.ts";
import {
  findModule,
  ModuleFinder,
} from "../../../src/gate/modules/module_finder.ts";
import { CORE, withTree } from "../../support/source_tree.ts";

const NEW = "from ansible.module_utils.basic import AnsibleModule\n";
const OLD = "#!/usr/bin/python\n";
const ACME = "collections/ansible_collections/acme/tools";

Deno.test("findModule() takes the first folder that has the name, and NAME.py there before others", () =>
  withTree(
    {
      "one/ping": OLD,
      "two/ping.py": OLD,
      "two/pong": OLD,
      "two/both": OLD,
      "two/both.py": OLD,
    },
    async (folder) => {
      const dirs = [join(folder, "one"), join(folder, "two")];
      const found = async (name: string) =>
        (await findModule(name, { dirs })).path.slice(folder.length + 1);
      assertEquals(await found("ping"), "one/ping");
      assertEquals(await found("pong"), "two/pong");
      assertEquals(await found("both"), "two/both.py");
    },
  ));

Deno.test("findModule() searches folders in the given order", () =>
  withTree({ "one/ping.py": OLD, "two/ping.py": OLD }, async (folder) => {
    const dirs = [join(folder, "two"), join(folder, "one")];
    assertEquals(
      (await findModule("ping", { dirs })).path,
      join(folder, "two/ping.py"),
    );
  }));

Deno.test("findModule() finds a module by its name with extension, and by its path", () =>
  withTree(
    { "lib/ping.py": OLD, "lib/tool.sh": "#!/bin/sh\n" },
    async (folder) => {
      const dirs = [join(folder, "lib")];
      for (const name of ["ping", "ping.py", join(folder, "lib/ping.py")]) {
        const found = await findModule(name, { dirs });
        assertEquals([found.name, found.kind, found.entry], [
          "ping",
          "old",
          "modules/ping.py",
        ]);
      }
      const tool = await findModule("tool.sh", { dirs });
      assertEquals([tool.name, tool.kind, tool.entry], [
        "tool",
        "script",
        "modules/tool.sh",
      ]);
    },
  ));

Deno.test("findModule() searches folders below only after the folders themselves", () =>
  withTree({
    "lib/system/ping.py": OLD,
    "lib/a/ping.py": OLD,
    "lib/.git/hidden.py": OLD,
    "lib/1/2/3/deep.py": OLD,
    "lib/1/2/3/4/too_deep.py": OLD,
    "more/ping.py": OLD,
  }, async (folder) => {
    const [lib, more] = [join(folder, "lib"), join(folder, "more")];
    const flat = await findModule("ping", { dirs: [lib, more] });
    assertEquals(flat.path, join(more, "ping.py"));
    const nested = await findModule("ping", { dirs: [lib] });
    assertEquals(nested.path, join(lib, "a/ping.py"));
    await findModule("deep", { dirs: [lib] });
    for (const name of ["hidden", "too_deep"]) {
      await assertRejects(() => findModule(name, { dirs: [lib] }), BuildError);
    }
  }));

Deno.test("findModule() skips folders named like modules, and follows links", () =>
  withTree({
    "one/ping/README": "",
    "one/ping.py/README": "",
    "two/real.py": OLD,
    "two/ping.py@": "real.py",
    "two/broken.py@": "nowhere",
  }, async (folder) => {
    const dirs = [join(folder, "one"), join(folder, "two")];
    assertEquals(
      (await findModule("ping", { dirs })).path,
      join(folder, "two/ping.py"),
    );
    await assertRejects(
      () => findModule("broken", { dirs }),
      BuildError,
      "Cannot find module broken",
    );
    await assertRejects(
      () => findModule(join(folder, "one/ping"), { dirs }),
      BuildError,
      "it is not a file",
    );
  }));

Deno.test("findModule() suggests similar names, and lists the folders that it searched", () =>
  withTree(
    { "lib/ping.py": OLD, "lib/tool.sh": "#!/bin/sh\n" },
    async (folder) => {
      const dirs = [join(folder, "lib")];
      const typo = await assertRejects(
        () => findModule("pnig", { dirs }),
        BuildError,
        `Cannot find module pnig: it is not in ${dirs[0]}`,
      );
      assertEquals(typo.hint, "Did you mean ping?");
      const none = await assertRejects(
        () => findModule("ping", { dirs: [] }),
        BuildError,
      );
      assertMatch(
        none.hint!,
        /^Name a folder of modules(?: in `dirs`, or|, such as Ansible's: `dirs`)/,
      );
    },
  ));

Deno.test("findModule() names a folder that does not exist", () =>
  withTree({}, async (folder) => {
    await assertRejects(
      () => findModule("ping", { dirs: [join(folder, "nope")] }),
      BuildError,
      `Cannot read modules from ${folder}/nope: the folder does not exist`,
    );
  }));

Deno.test({
  name: "findModule() names a module that it may not read" +
    (Deno.uid() === 0 ? " [skipped: root may read everything]" : ""),
  ignore: Deno.uid() === 0,
  fn: () =>
    withTree({ "lib/ping.py": OLD }, async (folder) => {
      const path = join(folder, "lib/ping.py");
      await Deno.chmod(path, 0);
      await assertRejects(
        () => findModule("ping", { dirs: [join(folder, "lib")] }),
        BuildError,
        `Cannot read ${path}: permission denied`,
      );
    }),
});

Deno.test("findModule() names module and file when the kind is refused", () =>
  withTree(
    { "lib/marked": "x = '<<SELINUX_SPECIAL_FILESYSTEMS>>'\n" },
    async (folder) => {
      await assertRejects(
        () => findModule("marked", { dirs: [join(folder, "lib")] }),
        BuildError,
        `Cannot run module marked: ${folder}/lib/marked must be completed`,
      );
    },
  ));

const DOCUMENTED = 'DOCUMENTATION = """x"""\n';

Deno.test("findModule() refuses PowerShell as PowerShell, in a folder, a core and a collection", () =>
  withTree({
    ...CORE,
    "lib/win.ps1": "#!powershell\n",
    "lib/bare.ps1": "Exit-Json @{}\n",
    "lib/win_doc.py": DOCUMENTED,
    "lib/win_doc.ps1": "",
    "core/ansible/modules/windows/win_copy.py": DOCUMENTED,
    "core/ansible/modules/windows/win_copy.ps1": "",
    "core/ansible/plugins/action/win_copy.py": "",
    [`${ACME}/plugins/modules/win_ping.py`]: DOCUMENTED,
    [`${ACME}/plugins/modules/win_ping.ps1`]: "",
    [`${ACME}/plugins/action/win_ping.py`]: "",
  }, async (folder) => {
    const sources = {
      dirs: [join(folder, "lib"), join(folder, "core")],
      collections: [join(folder, "collections")],
    };
    const finder = new ModuleFinder(sources);
    for (
      const name of [
        "win.ps1",
        "win",
        "bare",
        "win_doc",
        "win_copy",
        "acme.tools.win_ping",
      ]
    ) {
      for (const ask of ["find", "locate"] as const) {
        const stem = name.split(".").at(name.includes("acme") ? -1 : 0);
        await assertRejects(
          () => finder[ask](name),
          BuildError,
          `Cannot run module ${name}: it is a PowerShell module (${stem}.ps1)`,
        );
      }
    }
  }));

Deno.test("findModule() runs a Python module of the user's own next to PowerShell of the same name", () =>
  withTree({ "lib/both.py": OLD, "lib/both.ps1": "" }, async (folder) => {
    const found = await findModule("both", { dirs: [join(folder, "lib")] });
    assertEquals(found.path, join(folder, "lib/both.py"));
  }));

Deno.test("findModule() finds a module by its name without extension, whatever that is", () =>
  withTree({
    "lib/tool.sh": "#!/bin/sh\n",
    "lib/tool.yml": "",
    "lib/sub/deep.rb": "#!/usr/bin/ruby\n",
    "lib/both.sh": "#!/bin/sh\n",
    "lib/both.py": OLD,
    "more/both.py": OLD,
  }, async (folder) => {
    const dirs = [join(folder, "lib"), join(folder, "more")];
    const found = async (name: string) => {
      const { path, entry } = await findModule(name, { dirs });
      return [path.slice(folder.length + 1), entry];
    };
    assertEquals(await found("tool"), ["lib/tool.sh", "modules/tool.sh"]);
    assertEquals(await found("deep"), ["lib/sub/deep.rb", "modules/deep.rb"]);
    assertEquals(await found("both"), ["lib/both.py", "modules/both.py"]);
    assertEquals(await listModuleNames({ dirs }), ["both", "deep", "tool"]);
  }));

Deno.test("findModule() finds scripts and binaries of a collection, and prefers what Ansible does", () =>
  withTree({
    [`${ACME}/plugins/modules/shell_one.sh`]: "#!/bin/sh\n",
    [`${ACME}/plugins/modules/shell_one.yml`]: "",
    [`${ACME}/plugins/modules/elf`]: "\x7fELF",
    [`${ACME}/plugins/modules/sub/two`]: "#!/bin/sh\n",
    [`${ACME}/plugins/modules/sub/two.py`]: OLD,
  }, async (folder) => {
    const sources = { dirs: [], collections: [join(folder, "collections")] };
    const found = async (name: string) => {
      const { kind, entry, name: key } = await findModule(name, sources);
      return [key, kind, entry];
    };
    for (
      const [name, kind, file] of [
        ["acme.tools.shell_one", "script", "acme.tools.shell_one.sh"],
        ["acme.tools.elf", "binary", "acme.tools.elf"],
        ["acme.tools.sub.two", "script", "acme.tools.sub.two"],
      ] as const
    ) {
      assertEquals(await found(name), [name, kind, `modules/${file}`]);
    }
  }));

Deno.test("findModule() finds a deprecated name, and warns", () =>
  withTree({
    "lib/newname.py": OLD,
    "lib/_oldname.py@": "newname.py",
    "lib/_leaving.py": OLD,
    "lib/there.py": OLD,
    "lib/_there.py": NEW,
  }, async (folder) => {
    const dirs = [join(folder, "lib")];
    const warnings = async (name: string) =>
      (await findModule(name, { dirs })).warnings;
    assertEquals(await warnings("oldname"), [
      "Module name oldname is deprecated: it is now newname",
    ]);
    assertEquals(await warnings("leaving"), [
      "Module leaving is deprecated: its file is _leaving.py",
    ]);
    assertEquals(await warnings("there"), []);
    assertEquals(await listModuleNames({ dirs }), ["newname", "there"]);
  }));

Deno.test("ansible.legacy.NAME is NAME, so that a module of the user's own comes first", () =>
  withTree({ ...CORE, "lib/ping.py": NEW }, async (folder) => {
    const dirs = [join(folder, "lib"), join(folder, "core")];
    const found = async (name: string) => {
      const { path, entry } = await findModule(name, { dirs });
      return [path.slice(folder.length + 1), entry];
    };
    const own = ["lib/ping.py", "ansible/legacy/ping.py"];
    assertEquals(await found("ping"), own);
    assertEquals(await found("ansible.legacy.ping"), own);
    assertEquals(await found("ansible.builtin.ping"), [
      "core/ansible/modules/ping.py",
      "ansible/modules/ping.py",
    ]);
  }));

Deno.test("findModule() uses the modules of an ansible-core, whichever of its folders is named", () =>
  withTree({ ...CORE, "checkout/lib@": "../core" }, async (folder) => {
    for (
      const dir of ["core", "core/ansible", "core/ansible/modules", "checkout"]
    ) {
      const found = await findModule("ping", { dirs: [join(folder, dir)] });
      assertEquals(found.entry, "ansible/modules/ping.py", dir);
    }
  }));

Deno.test("a new-style module stands where Python imports it from", () =>
  withTree({
    ...CORE,
    "lib/mine.py": NEW,
    [`${ACME}/plugins/modules/theirs.py`]: NEW,
  }, async (folder) => {
    const entryOf = async (path: string) =>
      (await findModule(join(folder, path), { dirs: [] })).entry;
    assertEquals(await entryOf("lib/mine.py"), "ansible/legacy/mine.py");
    assertEquals(
      await entryOf("core/ansible/modules/ping.py"),
      "ansible/modules/ping.py",
    );
    assertEquals(
      await entryOf(`${ACME}/plugins/modules/theirs.py`),
      "ansible_collections/acme/tools/plugins/modules/theirs.py",
    );
  }));

Deno.test("findModule() finds full names in collections, folders below included", () =>
  withTree({
    ...CORE,
    [`${ACME}/plugins/modules/thing.py`]: NEW,
    [`${ACME}/plugins/modules/sub/deep.py`]: NEW,
  }, async (folder) => {
    const options = {
      dirs: [join(folder, "core")],
      collections: [join(folder, "collections")],
    };
    const entryOf = async (name: string) => {
      const found = await findModule(name, options);
      assertEquals(found.name, name);
      return found.entry.split("/").slice(-2).join("/");
    };
    assertEquals(await entryOf("acme.tools.thing"), "modules/thing.py");
    assertEquals(await entryOf("acme.tools.sub.deep"), "sub/deep.py");
    assertEquals(await entryOf("ansible.builtin.ping"), "modules/ping.py");
    assertEquals(await entryOf("ansible.legacy.ping"), "modules/ping.py");
    await assertRejects(
      () => findModule("acme.tools.nope", options),
      BuildError,
      `not in the collections of ${folder}/collections/ansible_collections`,
    );
    await assertRejects(
      () => findModule("acme.tools.thing", { dirs: [] }),
      BuildError,
      "no collections are set",
    );
    for (
      const [typo, meant] of [
        ["acme.tools.thign", "acme.tools.thing"],
        ["acme.toools.sub.depe", "acme.tools.sub.deep"],
        ["ansible.bultin.ping", "ansible.builtin.ping"],
      ] as const
    ) {
      const { hint } = await assertRejects(
        () => findModule(typo, options),
        BuildError,
      );
      assertEquals(hint, `Did you mean ${meant}?`);
    }
  }));

Deno.test("findModule() reports an action plugin with the name of the module", () =>
  withTree({
    ...CORE,
    "core/ansible/plugins/action/uri.py": "",
    [`${ACME}/plugins/modules/both.py`]: NEW,
    [`${ACME}/plugins/modules/alone.py`]: NEW,
    [`${ACME}/plugins/action/both.py`]: "",
    "lib/mine.py": NEW,
  }, async (folder) => {
    const options = {
      dirs: [join(folder, "lib"), join(folder, "core")],
      collections: [join(folder, "collections")],
    };
    const withAction = [];
    for (
      const name of [
        "ping",
        "uri",
        "mine",
        "acme.tools.both",
        "acme.tools.alone",
      ]
    ) {
      if ((await findModule(name, options)).hasAction) withAction.push(name);
    }
    assertEquals(withAction, ["uri", "acme.tools.both"]);
  }));

Deno.test("locate() returns a module's full name, and finds actions by routing too", () =>
  withTree({
    ...CORE,
    "core/ansible/plugins/action/debug.py": "",
    [`${ACME}/plugins/modules/routed.py`]: NEW,
    [`${ACME}/meta/runtime.yml`]:
      "plugin_routing:\n  action:\n    routed:\n      redirect: acme.tools.all\n",
    "lib/mine.py": NEW,
  }, async (folder) => {
    const finder = new ModuleFinder({
      dirs: [join(folder, "lib"), join(folder, "core")],
      collections: [join(folder, "collections")],
    });
    assertEquals(await finder.locate("debug"), {
      fullName: "ansible.builtin.debug",
      hasAction: true,
    });
    assertEquals(await finder.locate("acme.tools.routed"), {
      fullName: "acme.tools.routed",
      hasAction: true,
    });
    assertEquals(await finder.locate("mine"), {
      fullName: undefined,
      hasAction: false,
    });
    assertEquals(await finder.locate("nothing"), undefined);
  }));

Deno.test("findModule() follows redirects, warns of deprecated modules, and refuses removed ones", () =>
  withTree({
    ...CORE,
    "core/ansible/config/ansible_builtin_runtime.yml": `---
plugin_routing:
  modules:
    thing:
      redirect: acme.tools.thing
    elsewhere:
      redirect: nobody.has.it
    gone:
      tombstone:
        removal_date: "2020-01-01"
        warning_text: Use ping instead.
`,
    [`${ACME}/meta/runtime.yml`]: `plugin_routing:
    modules:
        # its old name
        old_thing:
            deprecation:
                removal_version: 9.0.0
                warning_text: Use thing.
            redirect: acme.tools.thing
        'loop': {redirect: acme.tools.loop}
`,
    [`${ACME}/plugins/modules/thing.py`]: NEW,
  }, async (folder) => {
    const options = {
      dirs: [join(folder, "core")],
      collections: [join(folder, "collections")],
    };
    const moved = await findModule("thing", options);
    assertEquals([moved.name, moved.warnings], ["thing", []]);
    assertEquals(moved.path, join(folder, ACME, "plugins/modules/thing.py"));
    const old = await findModule("acme.tools.old_thing", options);
    assertEquals(old.warnings, [
      "Module acme.tools.old_thing is deprecated: Use thing",
    ]);
    await assertRejects(
      () => findModule("ansible.builtin.gone", options),
      BuildError,
      "was removed: Use ping instead",
    );
    await assertRejects(
      () => findModule("elsewhere", options),
      BuildError,
      "it has moved to nobody.has.it, which does not exist",
    );
    await assertRejects(
      () => findModule("acme.tools.loop", options),
      BuildError,
      "its redirects form a circle",
    );
  }));

Deno.test("listModuleNames() lists each name once, without documents, hidden files and Python's own", () =>
  withTree({
    "lib/__init__.py": "",
    "lib/__pycache__/ping.pyc": "",
    "lib/.hidden.py": "",
    "lib/README.md": "",
    "lib/ping.py": OLD,
    "lib/ping.yml": "",
    "lib/tool.sh": "",
    "lib/sub/deep.py": OLD,
    "more/ping.py": OLD,
    "more/win.ps1": "",
  }, async (folder) => {
    const dirs = [join(folder, "lib"), join(folder, "more")];
    assertEquals(await listModuleNames({ dirs }), ["deep", "ping", "tool"]);
  }));
