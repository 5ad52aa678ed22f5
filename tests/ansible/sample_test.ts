// A hundred modules of Debian's collections, chosen by a seed, through Ansible and
// through ftl: their results and what they change must agree. All of them with
// FTL_TEST_CASES=all (the task test:ansible), or those that it names; otherwise a few.
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { ACTION_CASES } from "./cases/actions.ts";
import { COMMAND_CASES } from "./cases/commands.ts";
import { FILE_CASES } from "./cases/files.ts";
import { NETWORK_CASES } from "./cases/network.ts";
import { SYSTEM_CASES } from "./cases/system.ts";
import { callsOf, type SampleCall } from "./sample/calls.ts";
import { chooseModules } from "./sample/choice.ts";
import { endingWithAnsible, endingWithFtl } from "./sample/ending.ts";
import { Sandboxes } from "./sample/sandboxes.ts";
import { callWithAnsible } from "./sample/with_ansible.ts";
import { callWithFtl } from "./sample/with_ftl.ts";
import { lonelyNetworkNeed } from "../support/lonely_network.ts";
import { ansibleNeed, collectionsNeed, mountNeed } from "./site.ts";

const need = [ansibleNeed, mountNeed, lonelyNetworkNeed, collectionsNeed]
  .find(({ ignore }) => ignore) ?? collectionsNeed;
/** How many modules the sample has; the short form has every twentieth. */
const COUNT = 100;
const STEP = 20;
const wanted = Deno.env.get("FTL_TEST_CASES");

Deno.test({
  name: `modules chosen by a seed do the same as with Ansible${need.suffix}`,
  ignore: need.ignore,
  fn: async (t) => {
    const chosen = await chooseModules({
      python: ansibleNeed.python,
      collections: dirname(dirname(collectionsNeed.path)),
      count: COUNT,
      others: tried(),
    });
    assertEquals(chosen.length, COUNT);
    const modules = wanted === "all"
      ? chosen
      : wanted === undefined
      ? chosen.filter((_, i) => i % STEP === 0)
      : chosen.filter(({ name }) => wanted.split(",").includes(name));
    if (modules.length === 0) return;
    await using sandboxes = await Sandboxes.make();
    const calls = modules.flatMap(callsOf);
    const { ansible, ftl } = await makeCalls(sandboxes, calls);
    for (const call of calls) {
      await t.step(`${call.module} ${call.way}`, async () => {
        const { host } = call;
        const expected = endingWithAnsible(
          call,
          ansible.get(host),
          await sandboxes.effect(host, "ansible"),
        );
        const actual = endingWithFtl(
          call,
          ftl.get(host),
          await sandboxes.effect(host, "ftl"),
        );
        assertEquals(actual, expected);
      });
    }
  },
});

async function makeCalls(
  sandboxes: Sandboxes,
  calls: readonly SampleCall[],
): Promise<{ ansible: Map<string, unknown>; ftl: Map<string, unknown> }> {
  const [byAnsible, byFtl] = [
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  for (const { host, state } of calls) {
    const { ansible, ftl } = await sandboxes.add(host, state);
    byAnsible.set(host, ansible);
    byFtl.set(host, ftl);
  }
  const ansible = await callWithAnsible(calls, {
    home: sandboxes.home,
    interpreters: byAnsible,
  });
  const ftl = await callWithFtl(calls, {
    storeFolder: join(sandboxes.folder, "store"),
    interpreters: byFtl,
    sources: {
      dirs: [ansibleNeed.modules],
      collections: [dirname(dirname(ansibleNeed.modules))],
    },
  });
  return { ansible, ftl };
}

/** The modules that the differential test calls. */
function tried(): Set<string> {
  const cases = [
    ACTION_CASES,
    COMMAND_CASES,
    FILE_CASES,
    NETWORK_CASES,
    SYSTEM_CASES,
  ].flat();
  return new Set(
    cases.flatMap(({ module }) =>
      module.includes(".")
        ? [module]
        : [`ansible.posix.${module}`, `community.general.${module}`]
    ),
  );
}
