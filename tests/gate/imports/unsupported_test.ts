import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  buildBaseGate,
  buildGate,
  buildPack,
} from "../../../src/gate/archive/build_gate.ts";
import {
  needOf,
  UnsupportedError,
} from "../../../src/gate/imports/unsupported.ts";
import { findModule } from "../../../src/gate/modules/module_finder.ts";
import { CORE, withTree } from "../../support/source_tree.ts";

const ROOT = "ansible_collections";
const TURBO = "ansible_collections.cloud.common.plugins.module_utils.turbo";
const BASIC = "from ansible.module_utils.basic import AnsibleModule\n";
const CONNECTION =
  "def exec_command(module, command):\n    return Connection(module._socket_path)\n";
const TREE = {
  ...CORE,
  "core/ansible/module_utils/connection.py": CONNECTION,
  [`${ROOT}/net/work/plugins/module_utils/api.py`]:
    "from ansible.module_utils.connection import Connection\n\n\ndef get(module):\n    return Connection(module._socket_path)\n",
  [`${ROOT}/net/work/plugins/modules/by_util.py`]: BASIC +
    "from ..module_utils.api import get\n",
  [`${ROOT}/net/work/plugins/modules/both.py`]: BASIC +
    "from ..module_utils.api import get\nif module._socket_path is None:\n    pass\n",
  [`${ROOT}/net/work/plugins/modules/error_only.py`]: BASIC +
    "from ansible.module_utils.connection import ConnectionError\n",
  [`${ROOT}/cloud/common/plugins/module_utils/turbo/module.py`]: BASIC +
    "class AnsibleTurboModule(AnsibleModule):\n    pass\n",
  [`${ROOT}/vm/ware/plugins/modules/guest.py`]:
    `try:\n    from ${TURBO}.module import (\n        AnsibleTurboModule as AnsibleModule,\n    )\nexcept ImportError:\n    ${BASIC}`,
};

async function tryEach(
  test: (
    options: {
      pack: (name: string) => Promise<unknown>;
      gate: () => ReturnType<typeof buildGate>;
    },
  ) => Promise<void>,
  tree: Record<string, string> = TREE,
): Promise<void> {
  await withTree(tree, async (folder) => {
    const sources = { dirs: [join(folder, "core")], collections: [folder] };
    const base = await buildBaseGate({ sources });
    await test({
      pack: async (name) =>
        await buildPack(await findModule(name, sources), base, { sources }),
      gate: () =>
        buildGate({
          ...sources,
          dirs: [
            join(folder, "core"),
            join(folder, ROOT, "net/work/plugins/modules"),
          ],
          modules: "all",
        }, {}),
    });
  });
}

Deno.test("a module that needs a persistent connection is refused, with what to use instead", () =>
  tryEach(async ({ pack, gate }) => {
    const error = await assertRejects(
      () => pack("net.work.by_util"),
      UnsupportedError,
      "Cannot run module net.work.by_util: it works through a persistent connection of Ansible's controller (network_cli, httpapi or netconf)",
    );
    assertMatch(error.hint!, /Use Ansible/);
    await pack("net.work.both");
    await pack("net.work.error_only");
    const { skipped } = await gate();
    assertMatch(skipped.by_util!, /persistent connection/);
  }));

Deno.test("a module in turbo mode is refused as long as cloud.common is there", async () => {
  await tryEach(async ({ pack }) => {
    const error = await assertRejects(
      () => pack("vm.ware.guest"),
      UnsupportedError,
      "it uses turbo mode of cloud.common",
    );
    assertMatch(error.hint!, /leave the collection cloud.common out/);
  });
  const without = Object.entries(TREE)
    .filter(([path]) => !path.includes("/cloud/"));
  await tryEach(
    async ({ pack }) => void await pack("vm.ware.guest"),
    Object.fromEntries(without),
  );
});

Deno.test("needOf() tells a module that chooses turbo mode by its environment from one that always uses it", () => {
  const uses = `    from ${TURBO}.module import AnsibleTurboModule\n`;
  assertEquals(needOf(uses), "turbo");
  assertEquals(
    needOf(`if os.environ.get("ENABLE_TURBO_MODE"):\n${uses}`),
    undefined,
  );
  assertEquals(needOf("# AnsibleTurboModule is not used\n"), undefined);
});
