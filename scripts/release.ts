// Completes a folder with the binaries and packages of a release: install.sh with
// the keys of release_signers, the sums of everything, and, with --key, their
// signature. The same files give the same sums, on any machine.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import { signersIn } from "../src/cli/process/signers.ts";
import { writeSums } from "./compile/sums.ts";
import { withSigners } from "./release/installer.ts";
import { signSums } from "./release/sign.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const USAGE = `Usage: deno task release [OPTIONS] FOLDER

  --key FILE      sign with this private key, or with the one in the agent whose
                  public key this is
  --signers FILE  the keys that sign releases (default: release_signers)
`;

async function main(argv: readonly string[]): Promise<number> {
  let key: string | undefined;
  let file = join(ROOT, "release_signers");
  const folders: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--key" && argv[i + 1]) key = argv[++i];
    else if (argv[i] === "--signers" && argv[i + 1]) file = argv[++i]!;
    else if (argv[i]!.startsWith("-")) folders.push("", "");
    else folders.push(argv[i]!);
  }
  const [folder] = folders;
  if (folder === undefined || folders.length !== 1) {
    console.error(USAGE);
    return 2;
  }
  const signers = signersIn(await Deno.readTextFile(file));
  const script = await Deno.readTextFile(join(ROOT, "scripts/install.sh"));
  const installer = join(folder, "install.sh");
  await Deno.writeTextFile(installer, withSigners(script, signers));
  await Deno.chmod(installer, 0o644);
  await writeSums(folder);
  if (key === undefined) {
    console.log(
      signers.length > 0
        ? `${folder} has its sums. Sign them with --key FILE`
        : `${folder} has its sums, and no signature: ${file} has no key`,
    );
    return 0;
  }
  await signSums(folder, { key, signers, from: file });
  console.log(`${folder} is signed`);
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
