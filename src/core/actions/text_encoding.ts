// Text as bytes in the encodings that `output_encoding` of template may name.
import type { Json } from "../../protocol/message.ts";
import { fail, textOf } from "./action_result.ts";

/**
 * Encodes text.
 *
 * @param name Python's name of an encoding. Default: utf-8.
 */
export function encodeText(
  text: string,
  name: Json | undefined,
): Uint8Array<ArrayBuffer> {
  const given = textOf(name) ?? "utf-8";
  switch (given.toLowerCase().replace(/[-_ ]/g, "")) {
    case "utf8":
      return new TextEncoder().encode(text);
    case "utf8sig":
      return new TextEncoder().encode(`\ufeff${text}`);
    case "utf16le":
      return utf16(text, true);
    case "utf16be":
      return utf16(text, false);
    case "utf16":
      return utf16(`\ufeff${text}`, true);
    case "ascii":
    case "usascii":
      return oneByte(text, given, 0x7f);
    case "latin1":
    case "iso88591":
      return oneByte(text, given, 0xff);
    case "cp1252":
    case "windows1252":
      return windows(text, given);
  }
  return fail(
    `output_encoding '${given}' is not known: use utf-8, utf-16, utf-16-le, ` +
      "utf-16-be, latin-1, cp1252 or ascii",
  );
}

function utf16(text: string, isLittle: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), isLittle);
  }
  return bytes;
}

function oneByte(
  text: string,
  name: string,
  highest: number,
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...text], (letter) => {
    const code = letter.codePointAt(0)!;
    return code <= highest ? code : misfit(letter, name);
  });
}

function windows(text: string, name: string): Uint8Array<ArrayBuffer> {
  const decoder = new TextDecoder("windows-1252");
  const codes = new Map(
    Array.from({ length: 256 }, (_, code) => [
      decoder.decode(Uint8Array.of(code)),
      code,
    ]),
  );
  return Uint8Array.from(
    [...text],
    (letter) => codes.get(letter) ?? misfit(letter, name),
  );
}

function misfit(letter: string, name: string): never {
  fail(`the rendered text has '${letter}', which ${name} cannot encode`);
}
