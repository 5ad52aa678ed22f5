// script, when the host's HOME has a name that a shell would split.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { mainCommand } from "../../support/ftl.ts";

Deno.test("script runs a file from below a HOME with an odd name", async () => {
  const top = await Deno.realPath(await Deno.makeTempDir());
  try {
    const home = join(top, "o'me $& $(id)");
    await Deno.mkdir(home, { mode: 0o700 });
    const script = join(top, "s.sh");
    await Deno.writeTextFile(script, '#!/bin/sh\necho "${0%/*}" "$#" "$2"\n');
    const { command, env } = mainCommand(home);
    const { stdout } = await new Deno.Command(command[0]!, {
      args: [
        ...command.slice(1),
        ...["run", "script", `${script} one 'two three'`],
        ...["-i", "localhost,", "-c", "local", "--format", "json"],
      ],
      clearEnv: true,
      env,
    }).output();
    const { results } = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(
      results.localhost.result.stdout,
      `${home}/.ftl/host/calls 2 two three\n`,
    );
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});
