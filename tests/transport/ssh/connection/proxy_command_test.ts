import { assertEquals } from "@std/assert";
import process from "node:process";
import { runProxyCommand } from "../../../../src/transport/ssh/connection/proxy_command.ts";
import { inFolder } from "../../../support/in_folder.ts";

Deno.test("a proxy command of another user, which we cannot signal, ends with its input", () =>
  inFolder(async (folder) => {
    const stream = await runProxyCommand(`sh -c 'cat; echo >${folder}/over'`);
    const errors: Error[] = [];
    stream.on("error", (error) => errors.push(error));
    const { kill } = process;
    process.kill = () => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    };
    try {
      stream.destroy();
      const until = Date.now() + 10_000;
      while (!await exists(`${folder}/over`) && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assertEquals(errors, []);
      assertEquals(await exists(`${folder}/over`), true);
    } finally {
      process.kill = kill;
    }
  }));

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
