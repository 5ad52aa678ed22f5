// Holds the text of the project to plain US English. docs/style.md has the word
// list and the reasons; the patterns here are the part that a program can see.
import { join } from "@std/path";

/** A phrase that is refused, and what to write in its place. */
interface Phrase {
  readonly pattern: RegExp;
  readonly advice: string;
  /** Lines that also match this are left alone. */
  readonly unless?: RegExp;
}

const PHRASES: readonly Phrase[] = [
  {
    pattern: /(?:^|[.:;"'`(*/#-] ?)Who [a-z]/,
    unless: /\?/,
    advice: 'name the person or the program; "Who …" only asks questions',
  },
  { pattern: /\b[Ff]or who\b/, advice: 'write "for people who" or a noun' },
  { pattern: /\bwhoever\b/i, advice: "name the person or the program" },
  {
    pattern: /\b(?:is|are|was|were) none\b/,
    unless: /\bthere (?:is|are|was|were) none\b/i,
    advice: 'write "is not a …"',
  },
  {
    pattern: /\b(?:is|are|was|were) no (?!longer\b|more\b|less\b)\w/i,
    unless: /\bthere (?:is|are|was|were) no\b/i,
    advice: 'write "is not a …"',
  },
  {
    pattern: /\bbehind\b/i,
    unless: /bastion|jump|proxy|firewall|\bNAT\b|hosts? behind|socket/i,
    advice: 'write "after", or name what hides it',
  },
  { pattern: /\b(?:the|a|its) begin\b/i, advice: 'write "start" or "prefix"' },
  {
    pattern: /\b(?:is|are|was|were) meant\b/i,
    advice: 'say what it does, or write "chosen" or "intended"',
  },
  { pattern: /\b(?:comes?|came) to\b/i, advice: "name the result" },
  { pattern: /\bso many\b/i, advice: 'write "N", or "this many"' },
  { pattern: /\bsomebody\b/i, advice: "name the person or the program" },
  { pattern: /\bwithout a word\b/i, advice: 'write "silently"' },
  { pattern: /\banew\b/i, advice: 'write "again" or "new"' },
  { pattern: /\b(?:its|their|and) kin\b/i, advice: "name the members" },
  { pattern: /\bto be had\b/i, advice: 'write "available"' },
  { pattern: /\bat hand\b/i, advice: 'write "available" or "present"' },
  { pattern: /\bas it stands\b/i, advice: 'write "unchanged"' },
  { pattern: /\bin the (?:midst|place) of\b/i, advice: "use one preposition" },
  { pattern: /\bDesign: |\bdesign §/, advice: "cite a page of docs/" },
  {
    pattern:
      /(?:colour|behaviour|honour|favour|neighbour|judgement|licence|\bgrey|centre\b)/i,
    advice: "use the US spelling",
  },
  {
    pattern:
      /(?:organi|normali|initiali|seriali|recogni|optimi|customi|minimi|summari)s(?:e|ed|es|ing|ation)\b/i,
    advice: "use the US spelling",
  },
];

/** Which files hold text that people read. */
const TEXT = /\.(?:ts|py|sh|md|html)$|^\.ci\/run$/;

/**
 * The word list quotes what it refuses, and so do its tests; fixtures are what
 * other programs print.
 */
const EXEMPT =
  /^(?:docs\/style\.md|scripts\/house\/english\.ts|tests\/scripts\/house\/english_test\.ts|tests\/fixtures\/)/;

/** Checks every line of these files; messages name file, line and advice. */
export async function checkEnglish(
  root: string,
  files: readonly string[],
): Promise<string[]> {
  const texts = files.filter((file) => TEXT.test(file) && !EXEMPT.test(file));
  const messages = await Promise.all(texts.map(async (file) => {
    const text = await Deno.readTextFile(join(root, file));
    return text.split("\n").flatMap((line, i) =>
      checkLine(line).map((message) => `${file}:${i + 1}: ${message}`)
    );
  }));
  return messages.flat();
}

/** Says what one line should write in another way. */
export function checkLine(line: string): string[] {
  return PHRASES.flatMap(({ pattern, unless, advice }) => {
    const found = pattern.exec(line);
    if (found === null || unless?.test(line)) return [];
    const words = found[0].replace(/^[^A-Za-z]+/, "");
    return [`"${words}": ${advice}`];
  });
}
