import { assertEquals } from "@std/assert";
import {
  complete,
  type CompletionSource,
  queryAt,
} from "../../../src/console/lines/complete_line.ts";
import type { Parameter } from "../../../src/gate/modules/ansible_documentation.ts";

function parameter(name: string, more: Partial<Parameter> = {}): Parameter {
  return {
    name,
    type: "str",
    isRequired: false,
    choices: [],
    aliases: [],
    description: [],
    parameters: [],
    ...more,
  };
}

const facts: CompletionSource = {
  hosts: ["web1", "web2", "db1"],
  groups: ["all", "web", "db"],
  modules: () => Promise.resolve(["ping", "service", "setup"]),
  parameters: (module) =>
    Promise.resolve(
      module === "service"
        ? [
          parameter("name", { isRequired: true, aliases: ["unit"] }),
          parameter("state", { choices: ["started", "stopped"] }),
          parameter("enabled", { type: "bool" }),
          parameter("pidfile", { type: "path" }),
          parameter("want", { type: "list", choices: ["up", "down"] }),
        ]
        : [],
    ),
  files: (begin) =>
    Promise.resolve(["calls.txt", "calls/"].filter((f) => f.startsWith(begin))),
};

async function matches(line: string, from = facts): Promise<string[]> {
  return [...(await complete(line, from)).matches];
}

Deno.test("a command of the console is completed from its colon on", async () => {
  assertEquals(await matches(":ga"), [":gates"]);
  assertEquals(await matches(":us"), [":use "]);
  assertEquals(await matches(":help :dr"), [":drop "]);
});

Deno.test("a pattern is completed term by term", async () => {
  assertEquals(await matches(":use we"), ["web", "web1", "web2"]);
  assertEquals(await matches(":use web:!web"), ["web", "web1", "web2"]);
  assertEquals(await matches(":use web,d"), ["db", "db1"]);
  assertEquals(await matches(":use @last:f"), ["@last:failed"]);
  assertEquals(await matches(":use @ca"), ["calls.txt ", "calls/"]);
});

Deno.test("hosts, switches, formats and files are completed where they belong", async () => {
  assertEquals(await matches(":vars d"), ["db1 "]);
  assertEquals(await matches(":check o"), ["on", "off"]);
  assertEquals(await matches(":format n"), ["ndjson "]);
  assertEquals(await matches(":format table host,stat"), ["host,status"]);
  assertEquals(await matches(":format json st"), []);
  assertEquals(await matches(":source c"), ["calls.txt ", "calls/"]);
  assertEquals(await matches(":timeout 3"), []);
});

Deno.test("a module is completed at the start of a line and after :doc", async () => {
  assertEquals(await matches("se"), ["service ", "setup "]);
  assertEquals(await matches("  pi"), ["ping "]);
  assertEquals(await matches(":doc pi"), ["ping "]);
});

Deno.test("an argument's name is completed, but not offered twice", async () => {
  const rest = ["state=", "enabled=", "pidfile=", "want="];
  assertEquals(await matches("service "), ["name=", ...rest]);
  assertEquals(await matches("service name=x "), rest);
  assertEquals(await matches("service unit=x n"), []);
  assertEquals(await matches("service un"), ["unit="]);
});

Deno.test("an argument's value is completed from its choices", async () => {
  assertEquals(await matches("service state=st"), ["started ", "stopped "]);
  assertEquals(await matches("service state=sto"), ["stopped "]);
  assertEquals(await matches("service enabled="), ["true ", "false "]);
  assertEquals(await matches("service enabled=n"), ["no "]);
  assertEquals(await matches("service want=up,d"), ["up,down"]);
  assertEquals(await matches("service pidfile=ca"), ["calls.txt ", "calls/"]);
  assertEquals(await matches("service name="), []);
});

Deno.test("files are completed after @ and :secret=@", async () => {
  assertEquals(await matches("service @call"), ["calls.txt ", "calls/"]);
  assertEquals(await matches("service name:secret=@calls."), ["calls.txt "]);
});

Deno.test("a word that looks like a path is completed as one, also in shell commands", async () => {
  const etc = { ...facts, files: () => Promise.resolve(["/etc/motd"]) };
  assertEquals(await matches("script /etc/m", etc), ["/etc/motd "]);
  assertEquals(await matches("!cat -n /etc/m", etc), ["/etc/motd "]);
  assertEquals(await matches("!echo m", etc), []);
});

Deno.test("nothing is completed after a command's only operand", async () => {
  assertEquals(await matches(":doc setup "), []);
  assertEquals(await matches(":vars web1 w"), []);
});

Deno.test("nothing is completed in quotes, commands and comments", async () => {
  assertEquals(await matches("service name='st"), []);
  assertEquals(await matches("!se"), []);
  assertEquals(await matches("# se"), []);
  assertEquals(await matches(":nonsense we"), []);
});

Deno.test("thousands of full names are completed one part at a time", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `acme.c${i % 3}.m${i}`);
  const many = { ...facts, modules: () => Promise.resolve(names) };
  assertEquals(await matches("acme.", many), [
    "acme.c0.",
    "acme.c1.",
    "acme.c2.",
  ]);
  assertEquals(await matches("acme.c1.m10", many), [
    "acme.c1.m10 ",
    "acme.c1.m100 ",
    "acme.c1.m103 ",
    "acme.c1.m106 ",
    "acme.c1.m109 ",
  ]);
});

Deno.test("queryAt() returns the part of the line that is replaced", () => {
  assertEquals(queryAt(":use web:&we").typed, "we");
  assertEquals(queryAt("service state=sta").typed, "sta");
  assertEquals(queryAt("ser").typed, "ser");
});
