// Shell patterns for names, by the rules of Python's fnmatch: `*`, `?`, `[abc]`
// and `[!abc]`. The whole name must match, and an unclosed `[` matches itself.

/** Whether text contains a special character of globs. */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * Translates a glob into a regular expression, which takes a time that grows with
 * the name and the glob, never with their product's powers: what follows a `*` is
 * taken where it first matches, and stays there.
 */
export function globToRegExp(glob: string): RegExp {
  const parts: string[] = [];
  let source = "";
  for (let i = 0; i < glob.length; i++) {
    const char = glob.charAt(i);
    const close = char === "[" ? closingBracket(glob, i) : -1;
    if (close > 0) {
      source += characterClass(glob.slice(i + 1, close));
      i = close;
    } else if (char === "*") {
      if (source !== "" || parts.length === 0) parts.push(source);
      source = "";
    } else if (char === "?") source += "[^]";
    else source += char.replace(/[\\^$.|+(){}[\]]/, "\\$&");
  }
  const [first = source, ...inner] = parts;
  if (parts.length === 0) return new RegExp(`^${first}$`, "u");
  // A lookahead does not try again once it has matched.
  const taken = inner.map((part, i) => `(?=([^]*?${part}))\\${i + 1}`);
  return new RegExp(`^${first}${taken.join("")}[^]*${source}$`, "u");
}

/** A `]` directly after `[` or `[!` is a member, not the end. */
function closingBracket(glob: string, open: number): number {
  const first = open + (glob.charAt(open + 1) === "!" ? 2 : 1);
  return glob.indexOf("]", first + 1);
}

/** Ranges are read from left to right; a descending one matches nothing. */
function characterClass(members: string): string {
  const negated = members.startsWith("!");
  const chars = [...negated ? members.slice(1) : members];
  let source = "";
  for (let i = 0; i < chars.length; i++) {
    const low = chars[i]!;
    if (chars[i + 1] !== "-" || i + 2 >= chars.length) {
      source += escapeMember(low);
      continue;
    }
    const high = chars[i + 2]!;
    if (low.codePointAt(0)! <= high.codePointAt(0)!) {
      source += `${escapeMember(low)}-${escapeMember(high)}`;
    }
    i += 2;
  }
  if (source === "") return negated ? "[^]" : "[]";
  return `[${negated ? "^" : ""}${source}]`;
}

function escapeMember(char: string): string {
  return char.replace(/[\\\]^[-]/, "\\$&");
}
