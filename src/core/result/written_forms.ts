// How a secret looks where programs write it: as JSON, Python, a shell, a URL or
// base64 has it, and line by line. Every form is one text to search for.

/** Secrets shorter than this would blot out half of every text. */
export const MIN_LENGTH = 4;

/** A secret inside other text in base64 must fill this many digits to be told. */
const MIN_EMBEDDED = 8;

/** The columns at which programs wrap base64. */
const WRAPS = [64, 76];

/** All forms of a secret; none when it is too short to tell from other text. */
export function writtenForms(secret: string): Set<string> {
  const forms = new Set<string>();
  for (const text of parts(secret)) {
    for (const form of [...quoted(text), ...encoded(text)]) {
      if (form.length >= MIN_LENGTH) forms.add(form);
    }
  }
  return forms;
}

/** The secret, with either end of line, and each of its lines. */
function parts(secret: string): Set<string> {
  const unix = secret.replace(/\r\n?/g, "\n");
  const texts = [secret, unix, unix.replaceAll("\n", "\r\n"), secret.trim()];
  const all = [...texts, ...unix.split("\n").map((line) => line.trim())];
  return new Set(all.filter((text) => text.trim().length >= MIN_LENGTH));
}

/** As languages write it between quotes, without these. */
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
    text.replaceAll("'", `'\\''`), // a shell's own
    text.replace(/["$`\\]/g, "\\$&"), // between double quotes
    text.replace(/[^\w@%+=:,./\n-]/g, "\\$&"), // printf %q
  ];
}

/** `repr()` of Python, but for quotes. */
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

/** `ascii()` of Python. */
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

/** In a URL and in base64, also in the midst of a longer text. */
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

/** RFC 3986, section 2.3: every byte that is not unreserved as `%XX`. */
function percent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The digits that are the text's alone, behind so many bytes (modulo 3). */
function within(text: Uint8Array, before: number): string {
  const bytes = new Uint8Array(before + text.length);
  bytes.set(text, before);
  const digits = bytes.toBase64({ omitPadding: true });
  const from = Math.ceil(before * 8 / 6);
  const inside = digits.slice(from, Math.floor(bytes.length * 8 / 6));
  return inside.length < MIN_EMBEDDED ? "" : inside;
}
