import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { makePrivateEtc, privateEtcNeed } from "./private_etc.ts";

async function run(...[program = "", ...args]: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args,
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name:
    `a private /etc has users that the machine lacks${privateEtcNeed.suffix}`,
  ignore: privateEtcNeed.ignore,
  fn: async () => {
    const before = await Deno.readTextFile("/etc/passwd");
    const etc = await makePrivateEtc();
    const ada = await etc.addUser("ada", {
      password: "sesame",
      groups: ["engines"],
    });
    await etc.write("sudoers.d/ada", "ada ALL=(ALL) ALL\n", 0o440);
    const shown = await run(
      ...[...etc.wrapper, "sh", "-c", "id ada; ls -l /etc/sudoers.d/ada"],
    );
    assertStringIncludes(shown, `uid=${ada.uid}(ada)`);
    assertStringIncludes(shown, "engines");
    assertStringIncludes(shown, "-r--r-----");
    assertEquals((await Deno.stat(ada.home)).uid, ada.uid);
    assertEquals(await Deno.readTextFile("/etc/passwd"), before);
    await etc[Symbol.asyncDispose]();
    await assertRejects(() => Deno.stat(etc.folder), Deno.errors.NotFound);
  },
});
