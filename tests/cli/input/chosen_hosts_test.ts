import { assertEquals, assertRejects } from "@std/assert";
import type { Context } from "../../../src/cli/commands/context.ts";
import { readHosts } from "../../../src/cli/input/chosen_hosts.ts";
import { UsageError } from "../../../src/cli/process/exit_code.ts";
import { createAccount } from "../../support/ftl.ts";

const context = { err: () => {} } as unknown as Context;
const inventory = ["web1,web2,db1,"];

Deno.test("an operand chooses hosts within --limit", async () => {
  const names = async (pattern?: string, limit?: string) => {
    const options = {
      inventory,
      ...(pattern && { pattern }),
      ...(limit && { limit }),
    };
    const { hosts } = await readHosts(options, context);
    return hosts.map(({ name }) => name);
  };
  assertEquals(await names("web*", "web2,db1"), ["web2"]);
  assertEquals(await names("web*"), ["web1", "web2"]);
  assertEquals(await names(undefined, "db1"), ["db1"]);
  await assertRejects(
    () => names("web*", "db1"),
    UsageError,
    "Cannot choose hosts by web*: --limit db1 has none of them",
  );
});

Deno.test("--limit bounds every command that takes a pattern", async () => {
  await using account = await createAccount();
  const some = ["-i", inventory[0]!, "-l", "db1"];
  const list = await account.ftl(["inventory", "list", ...some, "all"]);
  assertEquals(list.stdout, "db1\n");
  const session = await account.ftl(
    ["console", "-c", "local", ...some, "all"],
    ":hosts\n:use\n:hosts\n:use web1\n",
  );
  assertEquals(session.stdout, "1 host\n  1 closed: db1\n".repeat(2));
  assertEquals(session.code, 2);
  const doctor = await account.ftl(
    ["doctor", "-c", "local", ...some, "--json", "db1", "web1"],
  );
  const { hosts } = JSON.parse(doctor.stdout);
  assertEquals(hosts.map(({ host }: { host: string }) => host), ["db1"]);
});
