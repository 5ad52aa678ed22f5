// install.sh as it is published: with the keys that sign releases.

/**
 * Puts the keys into the text of install.sh.
 *
 * @param signers Lines of release_signers.
 * @throws {SyntaxError} when a line cannot stand between single quotes.
 */
export function withSigners(text: string, signers: readonly string[]): string {
  const wrong = signers.find((line) => /['\n]/.test(line));
  if (wrong !== undefined) {
    throw new SyntaxError(`Cannot use the signer ${wrong}: it has a quote`);
  }
  const parts = text.split("\nsigners=''\n");
  if (parts.length !== 2) throw new SyntaxError("install.sh has no signers=''");
  return parts.join(`\nsigners='${signers.join("\n")}'\n`);
}
