// The same calls through Ansible and through ftl, on one host and from one
// state: their results must agree. FTL_TEST_CASES chooses: `all`, as the task
// test:ansible sets, or names of modules with commas; otherwise a short selection.
import { assertEquals } from "@std/assert";
import { CASES } from "./cases/all_cases.ts";
import type { Case } from "./cases/case.ts";
import { outcomeOfAnsible, outcomeOfFtl } from "./outcome.ts";
import { ansibleNeed, collectionsNeed, mountNeed, Site } from "./site.ts";
import type { Need } from "../support/need.ts";
import { sshdNeed } from "../support/sshd.ts";

/** Modules that have moved to collections and are called by their old names. */
const OF_COLLECTIONS = new Set([
  "archive",
  "authorized_key",
  "ini_file",
  "timezone",
  "xml",
]);
const wanted = Deno.env.get("FTL_TEST_CASES");
const need = [ansibleNeed, sshdNeed].find(({ ignore }) => ignore) ??
  ansibleNeed;

Deno.test({
  name: `ftl and Ansible give the same results${need.suffix}`,
  ignore: need.ignore,
  fn: async (t) => {
    await using site = await Site.make();
    for (const each of CASES.filter(isWanted)) {
      for (const mode of modesOf(each)) {
        const { ignore, suffix } = needOf(each);
        const how = mode === "check" ? " (check)" : "";
        await t.step({
          name: `${each.module} ${each.does}${how}${suffix}`,
          ignore,
          fn: () => compare(site, each, mode),
        });
      }
    }
  },
});

function isWanted({ module, isShort }: Case): boolean {
  if (wanted === undefined) return isShort === true;
  return wanted === "all" || wanted.split(",").includes(module);
}

/** What a call needs of this machine besides ansible-core. */
function needOf({ module, changesSystem }: Case): Need {
  if (changesSystem) return mountNeed;
  return OF_COLLECTIONS.has(module) || /^(?!ansible\.builtin).*\./.test(module)
    ? collectionsNeed
    : need;
}

type Mode = "real" | "check";

function modesOf({ only }: Case): Mode[] {
  if (only !== undefined) return [only];
  return wanted === undefined ? ["real"] : ["real", "check"];
}

async function compare(site: Site, each: Case, mode: Mode): Promise<void> {
  const { module, files = {} } = each;
  const { args = {}, words, before } = JSON.parse(
    JSON.stringify(each).replaceAll("$D", site.state)
      .replaceAll("$URL", site.url).replaceAll("$PORT", new URL(site.url).port),
  );
  const call = { module, args, words, check: mode === "check" };
  await site.restore(files, before);
  const expected = outcomeOfAnsible(module, await site.ansible(call));
  await site.restore(files, before);
  const actual = outcomeOfFtl(module, await site.ftl(call));
  assertEquals(actual, expected);
}
