// The same calls through Ansible and through ftl, on one host and from one
// state: they must say the same. FTL_TEST_ANSIBLE says which: `all`, as the task
// test:ansible has it, or names of modules with commas; else the short form.
import { assertEquals } from "@std/assert";
import type { Case } from "./cases/case.ts";
import { COMMAND_CASES } from "./cases/commands.ts";
import { FILE_CASES } from "./cases/files.ts";
import { SYSTEM_CASES } from "./cases/system.ts";
import { outcomeOfAnsible, outcomeOfFtl } from "./outcome.ts";
import { ansibleNeed, mountNeed, Site } from "./site.ts";
import { sshdNeed } from "../support/sshd.ts";

const CASES = [...FILE_CASES, ...COMMAND_CASES, ...SYSTEM_CASES];
const wanted = Deno.env.get("FTL_TEST_ANSIBLE");
const need = [ansibleNeed, sshdNeed].find(({ ignore }) => ignore) ??
  ansibleNeed;

Deno.test({
  name: `ftl says what Ansible says${need.suffix}`,
  ignore: need.ignore,
  fn: async (t) => {
    await using site = await Site.make();
    for (const each of CASES.filter(isWanted)) {
      for (const mode of modesOf(each)) {
        const lack = each.changesSystem ? mountNeed : need;
        await t.step({
          name: `${each.module} ${each.does}${
            mode === "check" ? " (check)" : ""
          }${lack.suffix}`,
          ignore: lack.ignore,
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

type Mode = "real" | "check";

function modesOf({ only }: Case): Mode[] {
  if (only !== undefined) return [only];
  return wanted === undefined ? ["real"] : ["real", "check"];
}

async function compare(site: Site, each: Case, mode: Mode): Promise<void> {
  const { module, files, before } = each;
  const { args, words } = JSON.parse(
    JSON.stringify(each).replaceAll("$D", site.state),
  );
  const call = { module, args: args ?? {}, words, check: mode === "check" };
  const script = before?.replaceAll("$D", site.state);
  await site.restore(files ?? {}, script);
  const expected = outcomeOfAnsible(module, await site.ansible(call));
  await site.restore(files ?? {}, script);
  const actual = outcomeOfFtl(module, await site.ftl(call));
  assertEquals(actual, expected);
}
