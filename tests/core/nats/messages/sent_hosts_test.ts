import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connectionSettings } from "../../../../src/inventory/connection/connection_settings.ts";
import { InventoryError } from "../../../../src/errors.ts";
import type { Host } from "../../../../src/inventory/inventory.ts";
import { checkSshWords } from "../../../../src/core/nats/messages/safe_ssh_words.ts";
import {
  receivedHost,
  sentVariables,
  siteOf,
} from "../../../../src/core/nats/messages/sent_hosts.ts";

function host(vars: Record<string, unknown>): Host {
  return { name: "web1", groups: [], vars };
}

const NOTHING = {
  becomeMethod: undefined,
  needsPython: true,
  needsBecome: false,
};

Deno.test("a worker gets connection variables rendered, and nothing else", async () => {
  const { vars, hasSecrets } = await sentVariables(
    host({
      domain: "example.org",
      ansible_host: "{{ 'web1.' ~ domain }}",
      ansible_port: 2222,
      ansible_become: true,
      secret_plan: "x",
    }),
    NOTHING,
  );
  assertEquals(vars, {
    ansible_host: "web1.example.org",
    ansible_port: 2222,
    ansible_become: true,
  });
  assertEquals(hasSecrets, false);
});

Deno.test("passwords are known to be secret, and reach the worker as they are", async () => {
  const { vars, hasSecrets } = await sentVariables(
    host({
      ansible_ssh_pass: "a }}",
      ansible_become: true,
      ansible_become_password: "c }}",
    }),
    NOTHING,
  );
  assertEquals(hasSecrets, true);
  const settings = await connectionSettings(
    receivedHost({ index: 0, name: "web1", vars }),
  );
  assertEquals(await settings.password?.reveal(), "a }}");
  assertEquals(await settings.become.password?.reveal(), "c }}");
});

Deno.test("what a worker is told is never a template again", async () => {
  const received = receivedHost({
    index: 0,
    name: "web1",
    vars: { ansible_ssh_private_key_file: "{{ x }}" },
  });
  const { identityFile } = await connectionSettings(received);
  assertEquals(identityFile, "{{ x }}");
});

Deno.test("hosts that are this machine, and ssh options that start programs, are refused", async () => {
  await assertRejects(
    () => sentVariables(host({ ansible_connection: "local" }), NOTHING),
    InventoryError,
    "its connection is local",
  );
  for (const words of [["-oProxyCommand=nc %h %p"], ["-F", "/etc/x"]]) {
    assertThrows(
      () => checkSshWords("web1", words),
      InventoryError,
      "over NATS",
    );
  }
  checkSshWords("web1", ["-J", "bastion", "-oIdentitiesOnly=yes"]);
});

Deno.test("a site is a name of letters, digits, - and _", () => {
  assertEquals(siteOf(host({})), "_any");
  assertEquals(siteOf(host({ ftl_site: "paris-2" })), "paris-2");
  assertThrows(
    () => siteOf(host({ ftl_site: "a.b" })),
    InventoryError,
    "Cannot use ftl_site of web1",
  );
});
