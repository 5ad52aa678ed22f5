import { assertEquals } from "@std/assert";
import { Command, Option } from "commander";
import {
  findShared,
  splitOptions,
} from "../../../src/cli/manual/shared_options.ts";

function commandWith(...options: [flags: string, help: string][]): Command {
  const command = new Command("x").helpOption(false);
  for (const [flags, help] of options) {
    command.addOption(new Option(flags, help).helpGroup("Hosts:"));
  }
  return command;
}

Deno.test("findShared() finds options of two commands, and splitOptions() the rest", () => {
  const one = commandWith(["-l, --limit <x>", "a"], ["--user <x>", "b"]);
  const two = commandWith(["-l, --limit <x>", "a"], ["--user <x>", "b"]);
  const three = commandWith(["-l, --limit <x>", "a"], ["--port <x>", "c"]);
  const shared = findShared([one, two, three]);
  assertEquals(
    shared.get("Hosts")?.map(({ long }) => long),
    ["--limit", "--user"],
  );
  const { own, shared: groups } = splitOptions(three, shared);
  assertEquals(own.map(({ long }) => long), ["--port"]);
  assertEquals(groups[0]!.only?.map(({ long }) => long), ["--limit"]);
  assertEquals(splitOptions(one, shared).shared[0]!.only, undefined);
});

Deno.test("an option of the same name with another help is not shared", () => {
  const one = commandWith(["--user <x>", "log in as this user"]);
  const two = commandWith(["--user <x>", "make this user the owner"]);
  const shared = findShared([one, two]);
  assertEquals(shared.size, 0);
  assertEquals(splitOptions(two, shared).own.length, 1);
});
