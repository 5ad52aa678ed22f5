// The characters that `&name;` and `&#number;` stand for in HTML.

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\xa0",
  copy: "©",
  reg: "®",
  trade: "™",
  euro: "€",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  laquo: "«",
  raquo: "»",
};

/** Names that need no semicolon. */
const BARE = "amp|lt|gt|quot|nbsp|copy|reg|laquo|raquo";
const REFERENCE = new RegExp(
  `&(?:#(\\d{1,7})|#[xX]([\\da-fA-F]{1,6})|(\\w+)(?=;)|(${BARE}));?`,
  "g",
);

/** A text with its references to characters replaced. */
export function unescapeMarkup(text: string): string {
  return text.replace(REFERENCE, (whole, decimal, hex, name, bare) => {
    if (decimal === undefined && hex === undefined) {
      return NAMED[name ?? bare] ?? whole;
    }
    const code = decimal === undefined
      ? parseInt(hex, 16)
      : parseInt(decimal, 10);
    const isCharacter = code > 0 && code <= 0x10ffff &&
      (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : "\ufffd";
  });
}
