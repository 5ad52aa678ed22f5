// script, when the host's HOME has a name that a shell would split.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { mainCommand } from "../../support/ftl.ts";

Deno.test("script runs a file from below a HOME with an odd name", async () => {
  const top = await Deno.realPath(await Deno.makeTempDir());
  try {
    const home = join(top, "o'me $& $(id)");
    await Deno.mkdir(home, { mode: 0o700 });
    const script = join(top, "my script's é.sh");
    await Deno.writeTextFile(
      script,
      '#!/bin/sh\necho "$0" "$#" "$2"; ls -A "${0%/*}"\n',
    );
    const { command, env } = mainCommand(home);
    const { stdout } = await new Deno.Command(command[0]!, {
      args: [
        ...command.slice(1),
        ...["run", "script", `"${script}" one 'two three'`],
        ...["-i", "localhost,", "-c", "local", "--format", "json"],
      ],
      clearEnv: true,
      env,
    }).output();
    const { results } = JSON.parse(new TextDecoder().decode(stdout));
    const [said, listed] = results.localhost.result.stdout.split("\n");
    const folder = `${home}/.ftl/host/calls/`;
    assertEquals(said.slice(0, folder.length), folder);
    assertMatch(
      said.slice(folder.length),
      /^push-[0-9a-f]{32}\/my script's é\.sh 2 two three$/,
    );
    assertEquals(listed, "my script's é.sh");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});
