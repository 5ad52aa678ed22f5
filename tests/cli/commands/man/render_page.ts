// Manual pages as the programs for them show them.

/** The text of a page, and the warnings of its formatter. */
export async function renderPage(
  page: string,
  path: string,
  args: readonly string[],
): Promise<{ text: string; complaints: string }> {
  const file = await Deno.makeTempFile({ suffix: ".1" });
  try {
    await Deno.writeTextFile(file, page);
    const { stdout, stderr } = await new Deno.Command(path, {
      args: [...args, file],
      env: { MANWIDTH: "200", LC_ALL: "C.UTF-8", MAN_KEEP_FORMATTING: "" },
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { text: decode(stdout), complaints: decode(stderr) };
  } finally {
    await Deno.remove(file);
  }
}
