// OpenSSH's patterns, as in known_hosts and ssh_config: `*` matches any text, `?`
// one character, and `!` negates a pattern (ssh_config(5)).

/** True when one pattern matches the text and no negated one does. */
export function matchesPatterns(
  text: string,
  patterns: readonly string[],
): boolean {
  let found = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(text, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** Scans both once; a `*` takes one more character when the rest does not match. */
function matchesPattern(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (pattern[p] === "?" || pattern[p] === text[t]) {
      t++;
      p++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
