// `ftl push -b` and `ftl fetch -b` as a user types them: what the become user can
// write and read, and who owns the files.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { becomeNeed, makeBecomeSite, PASSWORD } from "../core/become/site.ts";
import { createAccount } from "../support/ftl.ts";

Deno.test({
  name: `push and fetch run as another user${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async () => {
    await using site = await makeBecomeSite();
    await using account = await createAccount();
    const flags = [...site.flagsFor("free"), "--format", "json"];
    const inRoots = join(site.etc.files, "roots");
    const inApps = join(site.etc.files, "apps");
    await Deno.mkdir(inRoots, { mode: 0o700 });
    await Deno.mkdir(inApps, { mode: 0o700 });
    const { uid } = await Deno.stat(site.homeOf("app"));
    await Deno.chown(inApps, uid, uid);
    const src = join(account.home, "f");
    const folder = join(account.home, "d");
    await Deno.writeTextFile(src, "hello");
    await Deno.mkdir(folder);
    await Deno.writeTextFile(join(folder, "g"), "there");
    const binary = join(account.home, "b");
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    await Deno.writeFile(binary, bytes);
    const password = join(account.home, "password");
    await Deno.writeTextFile(password, PASSWORD, { mode: 0o600 });
    const out = join(account.home, "out");
    const outcomeOf = async ([command, ...words]: string[]) => {
      const { stdout, stderr } = await account.ftl([
        ...[command!, ...flags, ...words],
      ]);
      const [result] = Object.values(JSON.parse(stdout || "{}").results ?? {});
      assert(result, stdout + stderr);
      // deno-lint-ignore no-explicit-any
      const { status, error, result: said } = result as any;
      return [status, error?.message ?? said?.msg];
    };
    for (
      const [place, owner, become] of [
        [inRoots, 0, ["-b"]],
        [inApps, uid, ["-b", "--become-user", "app"]],
      ] as const
    ) {
      const there = join(place, "f");
      const denied = await outcomeOf(["push", src, there]);
      assertEquals(denied[0], "failed");
      assert(String(denied[1]).includes("permission denied"), denied[1]);
      for (const what of [src, folder]) {
        const words = ["push", what, `${place}/`, ...become];
        assertEquals(await outcomeOf(words), ["changed", undefined]);
      }
      for (const name of ["f", "d", "d/g"]) {
        assertEquals((await Deno.stat(join(place, name))).uid, owner, name);
      }
      const names = await Array.fromAsync(Deno.readDir(place), (e) => e.name);
      assertEquals(names.sort(), ["d", "f"]);
      assertEquals((await outcomeOf(["fetch", there, out]))[0], "failed");
      await Deno.chmod(place, 0o755);
      await Deno.chmod(there, 0o600);
      const partly = join(out, "partly");
      assertEquals(await outcomeOf(["fetch", `${place}/`, partly]), [
        "failed",
        "The host could not read f",
      ]);
      const [host] = await Array.fromAsync(Deno.readDir(partly));
      const text = await Deno.readTextFile(join(partly, host!.name, "d/g"));
      assertEquals(text, "there");
      await Deno.remove(partly, { recursive: true });
      await Deno.chmod(place, 0o700);
      // The password goes through a terminal of the SSH server; the files do not.
      const wants = [
        ...["-u", "wants", "-e", "ansible_python_interpreter=/nowhere"],
        ...["--become-password-file", password, ...become],
      ];
      const odd = await outcomeOf(["push", binary, `${place}/`, ...wants]);
      assertEquals(odd, ["changed", undefined]);
      assertEquals(await Deno.readFile(join(place, "b")), bytes);
      const back = ["fetch", join(place, "b"), join(out, "b"), ...wants];
      assertEquals(await outcomeOf(back), ["changed", undefined]);
      await Deno.remove(join(out, "b"), { recursive: true });
      await Deno.remove(join(place, "b"));
      for (const name of [there, join(place, "d")]) {
        const words = ["fetch", name, join(out, String(owner)), ...become];
        assertEquals(await outcomeOf(words), ["changed", undefined]);
      }
    }
  },
});
