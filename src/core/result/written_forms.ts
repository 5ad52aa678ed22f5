// The forms in which programs write a secret: in JSON, Python, a shell, a URL or
// base64, and line by line. Each form is one text to search for.

/** Masking shorter secrets would mask half of every text. */
export const MIN_LENGTH = 4;

/** The fewest digits of base64 by which a secret inside longer text is found. */
const MIN_EMBEDDED = 8;

/** The columns at which programs wrap base64. */
const WRAPS = [64, 76];

/** All forms of a secret; none when it is too short. */
export function writtenForms(secret: string): Set<string> {
  const forms = new Set<string>();
  for (const text of parts(secret)) {
    for (const form of [...quoted(text), ...encoded(text)]) {
      if (form.length >= MIN_LENGTH) forms.add(form);
    }
  }
  return forms;
}

/** The secret with both kinds of line ends, and each of its lines. */
function parts(secret: string): Set<string> {
  const unix = secret.replace(/\r\n?/g, "\n");
  const texts = [secret, unix, unix.replaceAll("\n", "\r\n"), secret.trim()];
  const all = [...texts, ...unix.split("\n").map((line) => line.trim())];
  return new Set(all.filter((text) => text.trim().length >= MIN_LENGTH));
}

/** As languages write it between quotes, without the quotes. */
function quoted(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const python = text.replace(/\\|[^\x20-\x7e\xa1-\uffff]/g, pythonEscape);
  const bytes = python.replace(
    /[^\x20-\x7e]+/gu,
    (part) => percent(part).replaceAll("%", "\\x").toLowerCase(),
  );
  const forms = [
    ...[text, json, json.replaceAll("/", "\\/"), inAscii(json)],
    ...[python, python.replace(/[^\x20-\x7e]/gu, pythonAscii), bytes],
  ].flatMap((form) => [form, form.replaceAll("'", "\\'")]);
  return [
    ...forms,
    text.replaceAll("'", `'"'"'`), // Python's shlex.quote()
    text.replaceAll("'", `'\\''`), // a shell's single quotes
    text.replace(/["$`\\]/g, "\\$&"), // a shell's double quotes
    text.replace(/[^\w@%+=:,./\n-]/g, "\\$&"), // printf %q
  ];
}

/** Escapes as Python's `repr()` does, except for quotes. */
function pythonEscape(unit: string): string {
  const short: Record<string, string> = {
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
  };
  return short[unit] ??
    `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** Escapes as Python's `ascii()` does. */
function pythonAscii(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length <= 2
    ? `\\x${code}`
    : code.length <= 4
    ? `\\u${code.padStart(4, "0")}`
    : `\\U${code.padStart(8, "0")}`;
}

function inAscii(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** In a URL and in base64, alone or inside longer text. */
function encoded(text: string): string[] {
  const url = percent(text);
  const forms = [
    url,
    url.replaceAll("%2F", "/"),
    encodeURIComponent(
      text.toWellFormed(),
    ),
  ];
  const bytes = new TextEncoder().encode(text);
  const base64 = bytes.toBase64();
  const digits = [base64, ...[0, 1, 2].map((before) => within(bytes, before))];
  const wrapped = WRAPS.flatMap((columns) =>
    base64.length <= columns
      ? []
      : base64.match(new RegExp(`.{1,${columns}}`, "g"))!
        .filter((line) => line.length >= MIN_EMBEDDED)
  );
  return [
    ...forms.flatMap((form) => [
      form,
      form.replaceAll("%20", "+"),
      form.replace(/%../g, (code) => code.toLowerCase()),
    ]),
    ...[...digits, ...wrapped].flatMap((form) => [
      form,
      form.replaceAll("+", "-").replaceAll("/", "_"),
    ]),
  ];
}

/** Writes every byte that is not unreserved (RFC 3986, section 2.3) as `%XX`. */
function percent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The digits that depend on the text only, when `before` bytes precede it. */
function within(text: Uint8Array, before: number): string {
  const bytes = new Uint8Array(before + text.length);
  bytes.set(text, before);
  const digits = bytes.toBase64({ omitPadding: true });
  const from = Math.ceil(before * 8 / 6);
  const inside = digits.slice(from, Math.floor(bytes.length * 8 / 6));
  return inside.length < MIN_EMBEDDED ? "" : inside;
}
