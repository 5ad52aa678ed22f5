// Runs a program of this machine that makes a part of a package.

/**
 * Runs a program; resolves to what it prints.
 *
 * @throws {Error} with its last words, when it fails.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  const said = text.decode(stderr).trim().split("\n").slice(-5).join("; ");
  throw new Error(`Cannot run ${program}: ${said}`);
}
