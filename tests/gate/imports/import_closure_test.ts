// A gate must have the same utils as Ansible bundles with a module. Both are
// compared on this machine's ansible-core, whatever its version.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { buildGate } from "../../../src/gate/archive/build_gate.ts";
import { runtimeFiles } from "../../../src/gate/format/runtime_files.ts";
import { openStore } from "../../../src/store/store.ts";
import { needAnsible, runPython } from "../../support/ansible.ts";
import { withTree } from "../../support/source_tree.ts";

const ansible = needAnsible();
const MODULES =
  "apt apt_key blockinfile command copy cron debconf dnf expect file find get_url getent git group hostname iptables known_hosts lineinfile package_facts ping pip replace service service_facts setup slurp stat subversion systemd tempfile unarchive uri user wait_for yum_repository"
    .split(" ");

Deno.test({
  name:
    `a gate with one module has the utils that Ansible sends with it${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: () =>
    withTree({}, async (folder) => {
      // Without a store every gate would parse the same utils again.
      const store = await openStore(join(folder, "store"));
      const paths = MODULES.map((name) => join(ansible.modules, `${name}.py`))
        .filter(isThere);
      const bundled = await runPython(
        ansible.python,
        new URL("bundled_by_ansible.py", import.meta.url),
        paths.join("\n"),
      ) as Record<string, string[]>;
      for (const path of paths) {
        const { manifest } = await buildGate({ modules: [path], dirs: [] }, {
          store,
        });
        const modules = Object.values(manifest.modules);
        const ours = Object.keys(manifest.entries).filter((entry) =>
          !runtimeFiles.has(entry) &&
          modules.every((module) => entry !== module.path) &&
          entry !== "ansible/modules/__init__.py"
        );
        // Its action brings other modules, with their utils.
        const isAlone = modules.length === 1;
        const same = ours.filter((entry) =>
          isAlone || bundled[path]!.includes(entry)
        );
        assertEquals(same.sort(), bundled[path], path);
      }
    }),
});

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // another version of ansible-core has other modules
  }
}
