// Which input a target's process is reading, in a file: after a crash or a hang another
// process finds it there. A batch is written once; for each input only its number.
//
//   number of the input (8 digits) | JSON: the batch, each input in base64

const NUMBER_BYTES = 8;

/** The inputs that this process reads. */
export class CurrentInput implements Disposable {
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true });
  }

  /** Starts a batch, with its first input. */
  start(inputs: readonly Uint8Array[]): void {
    this.#file.truncateSync();
    this.at(0);
    const texts = inputs.map((input) => input.slice().toBase64());
    writeWhole(this.#file, JSON.stringify(texts));
  }

  /** Goes to an input of the batch. */
  at(index: number): void {
    this.#file.seekSync(0, Deno.SeekMode.Start);
    writeWhole(this.#file, String(index).padStart(NUMBER_BYTES));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** The input that was being read; empty when there was none. */
export async function readCurrentInput(path: string): Promise<Uint8Array> {
  const text = await Deno.readTextFile(path);
  const inputs: string[] = JSON.parse(text.slice(NUMBER_BYTES) || "[]");
  return Uint8Array.fromBase64(
    inputs[Number(text.slice(0, NUMBER_BYTES))] ?? "",
  );
}

function writeWhole(file: Deno.FsFile, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
}
