// The text of a Python source in the encoding that it declares: PEP 263's comment
// in the first two lines, or a byte order mark. Lines end with \n, as Python reads
// them. Never throws: the host's Python reports what it cannot decode.

const BOM = [0xef, 0xbb, 0xbf];
// PEP 263; the first line may be anything that is only a comment or blank.
const DECLARED =
  /^(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))??[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

/** Python's names for encodings whose names in WHATWG's list differ. */
const NAMES: Readonly<Record<string, string>> = {
  cp932: "shift_jis",
  ms932: "shift_jis",
  shift_jis_2004: "shift_jis",
  shift_jisx0213: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  uhc: "euc-kr",
  johab: "euc-kr",
  cp950: "big5",
  euc_jis_2004: "euc-jp",
  euc_jisx0213: "euc-jp",
  cp874: "windows-874",
};

/**
 * Decodes a source. An encoding that is unknown here is read as Latin-1, which
 * keeps all that Python's grammar is made of.
 */
export function decodePython(bytes: Uint8Array): string {
  const hasMark = BOM.every((byte, index) => bytes[index] === byte);
  const name = hasMark ? undefined : declaredEncoding(bytes);
  return decoderOf(name ?? "utf-8").decode(bytes).replace(/\r\n?/g, "\n");
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 1024));
  return DECLARED.exec(start)?.[1]?.toLowerCase();
}

function decoderOf(name: string): TextDecoder {
  const label = NAMES[name.replaceAll("-", "_")] ?? name.replaceAll("_", "-");
  for (const each of [label, name, label.replaceAll("-", "")]) {
    try {
      const decoder = new TextDecoder(each);
      // Python refuses sources in an encoding that is not a superset of ASCII.
      if (!decoder.encoding.startsWith("utf-16")) return decoder;
    } catch {
      continue; // Python knows more encodings
    }
  }
  return new TextDecoder("latin1");
}
