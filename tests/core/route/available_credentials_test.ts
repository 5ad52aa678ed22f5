// What counts as a Kerberos ticket: /tmp is open to everybody.
import { assertEquals } from "@std/assert";
import { findAvailableCredentials } from "../../../src/core/route/available_credentials.ts";
import { need } from "../../support/need.ts";

const PATH = `/tmp/krb5cc_${Deno.uid()}`;

const free = need(
  "place for a ticket of nobody's",
  Deno.uid() === 0 && !isThere(PATH) ? PATH : undefined,
);

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function hasTicket(cache: string | undefined): boolean {
  const before = Deno.env.get("KRB5CCNAME");
  try {
    if (cache === undefined) Deno.env.delete("KRB5CCNAME");
    else Deno.env.set("KRB5CCNAME", cache);
    return findAvailableCredentials("/nowhere").hasTicket();
  } finally {
    if (before === undefined) Deno.env.delete("KRB5CCNAME");
    else Deno.env.set("KRB5CCNAME", before);
  }
}

Deno.test({
  name: `a ticket in the usual place is the user's own file${free.suffix}`,
  ignore: free.ignore,
  fn: async () => {
    const target = await Deno.makeTempFile();
    try {
      assertEquals(hasTicket(undefined), false);
      await Deno.writeTextFile(PATH, "ticket", { mode: 0o600 });
      assertEquals(hasTicket(undefined), true);
      await Deno.chmod(PATH, 0o640);
      assertEquals(hasTicket(undefined), false, "others can read it");
      await Deno.chmod(PATH, 0o600);
      await Deno.chown(PATH, 12345, 12345);
      assertEquals(hasTicket(undefined), false, "another user's");
      await Deno.remove(PATH);
      await Deno.writeTextFile(target, "ticket", { mode: 0o600 });
      await Deno.symlink(target, PATH);
      assertEquals(hasTicket(undefined), false, "a link");
    } finally {
      await Deno.remove(PATH);
      await Deno.remove(target);
    }
  },
});

Deno.test("a ticket is where KRB5CCNAME says", async () => {
  const file = await Deno.makeTempFile();
  try {
    assertEquals(hasTicket(`FILE:${file}`), false);
    await Deno.writeTextFile(file, "ticket");
    assertEquals(hasTicket(`FILE:${file}`), true);
    assertEquals(hasTicket(file), true);
    assertEquals(hasTicket("/nowhere"), false);
    assertEquals(hasTicket("DIR:/nowhere"), false);
    assertEquals(hasTicket("KEYRING:persistent:0"), true);
  } finally {
    await Deno.remove(file);
  }
});
