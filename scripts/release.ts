// Completes a folder with the binaries and packages of a release: install.sh with
// the keys of release_signers, the sums of everything, and, with --key, their
// signature. The same files give the same sums, on any machine.
// deno-lint-ignore-file no-console
import { fromFileUrl, join } from "@std/path";
import { signersIn } from "../src/cli/process/signers.ts";
import { writeSums } from "./compile/sums.ts";
import { runProgram, UsageError } from "./run_program.ts";
import { withSigners } from "./release/installer.ts";
import { signSums } from "./release/sign.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const USAGE = `Usage: deno task release [OPTIONS] FOLDER

Completes a folder of binaries and packages for a release, and signs it.

  --key FILE      sign with this private key, or with the one in the agent whose
                  public key this is
  --signers FILE  the keys that sign releases (default: release_signers)`;

async function main(argv: readonly string[]): Promise<number> {
  const order = readOrder(argv);
  try {
    await complete(order);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
}

/** What the command line asks for. */
interface Order {
  readonly folder: string;
  /** The key that signs. */
  readonly key: string | undefined;
  /** The file of the keys that sign releases. */
  readonly file: string;
}

/** @throws {UsageError} when it cannot be followed. */
function readOrder(argv: readonly string[]): Order {
  let key: string | undefined;
  let file = join(ROOT, "release_signers");
  const folders: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--key" && argv[i + 1]) key = argv[++i];
    else if (argv[i] === "--signers" && argv[i + 1]) file = argv[++i]!;
    else if (argv[i]!.startsWith("-")) {
      throw new UsageError(`Cannot use ${argv[i]}`);
    } else folders.push(argv[i]!);
  }
  const [folder, ...more] = folders;
  if (folder === undefined || more.length > 0) {
    throw new UsageError("Cannot complete a release: name one folder");
  }
  return { folder, key, file };
}

async function complete({ folder, key, file }: Order): Promise<void> {
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
    return;
  }
  await signSums(folder, { key, signers, from: file });
  console.log(`${folder} is signed`);
}

if (import.meta.main) await runProgram({ usage: USAGE, main });
