// A simulated host's side of one command: the opening of a gate and its protocol
// (docs/protocol.md), or a shell command, without Python and without a shell.
import type { Buffer } from "node:buffer";
import type { ServerChannel } from "ssh2";

/** How one simulated host behaves. */
export interface HostBehavior {
  /** The delay before each answer, in ms. */
  readonly delayMs: number;
  /** The length of each result's text, in bytes. */
  readonly replyBytes: number;
  /** Where this host stops, if anywhere. */
  readonly failure: Failure;
}

/** Where a simulated host fails. */
export type Failure =
  | "none"
  | "refused"
  | "handshake"
  | "login"
  | "start"
  | "silent"
  | "call";

/** Serves one command. */
export function serveCommand(
  command: string,
  channel: ServerChannel,
  behavior: HostBehavior,
): void {
  channel.on("error", () => {}); // the controller may hang up at any time
  const { failure } = behavior;
  if (failure === "silent") return void channel.resume();
  if (failure === "start") return void end(channel, 127);
  if (command === "true") return void end(channel, 0);
  const gate = /\$c ([0-9a-f]{32}) (\d+) ([0-9a-f]{64}) (sent|hint) /
    .exec(command);
  if (gate !== null) {
    const [, nonce, length, id, sent] = gate as unknown as string[];
    const opening = { nonce: nonce!, id: id!, length: Number(length) };
    new SimulatedGate(channel, behavior, {
      ...opening,
      isSent: sent === "sent",
    });
    return;
  }
  const shell = /t=ftl-([0-9a-f]{32});/.exec(command);
  if (shell === null) return void end(channel, 127);
  serveShell(shell[1]!, channel, behavior);
}

function end(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}

/** `ftl exec`: prints the sentinel twice, then a text of the requested size. */
function serveShell(
  nonce: string,
  channel: ServerChannel,
  { delayMs, replyBytes, failure }: HostBehavior,
): void {
  channel.write(`ftl-${nonce}-sh\n`);
  channel.stderr.write(`ftl-${nonce}-sh\n`);
  let lines = 0;
  channel.on("data", (chunk: Buffer) => {
    const before = lines;
    for (const byte of chunk) if (byte === 10) lines++;
    if (before >= 2 || lines < 2) return;
    setTimeout(() => {
      if (failure === "call") return void channel.destroy();
      channel.write("x".repeat(replyBytes) + "\n");
      end(channel, 0);
    }, delayMs);
  });
}

/** Serves a gate from its opening to its end. */
class SimulatedGate {
  readonly #channel: ServerChannel;
  readonly #behavior: HostBehavior;
  readonly #opening: { nonce: string; id: string };
  #buffer: Uint8Array = new Uint8Array();
  /** The number of bytes to skip before frames. */
  #skip: number;
  #state: "stage" | "skip" | "block" | "frames" = "stage";
  readonly #isSent: boolean;

  constructor(
    channel: ServerChannel,
    behavior: HostBehavior,
    opening: { nonce: string; id: string; length: number; isSent: boolean },
  ) {
    this.#channel = channel;
    this.#behavior = behavior;
    this.#opening = opening;
    this.#skip = opening.length;
    this.#isSent = opening.isSent;
    channel.write(`ftl-${opening.nonce}-sh\n`);
    channel.on("data", (chunk: Buffer) => this.#receive(chunk));
    channel.on("end", () => end(channel, 0));
  }

  #receive(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#buffer.length + chunk.length);
    joined.set(this.#buffer);
    joined.set(chunk, this.#buffer.length);
    this.#buffer = joined;
    while (this.#step()) { /* until something is missing */ }
  }

  #step(): boolean {
    switch (this.#state) {
      case "stage": {
        const at = this.#buffer.indexOf(10);
        if (at === -1) return false;
        this.#take(at + 1);
        this.#state = "skip";
        return true;
      }
      case "skip": {
        const length = Math.min(this.#skip, this.#buffer.length);
        this.#take(length);
        this.#skip -= length;
        if (this.#skip > 0) return false;
        if (this.#state === "skip" && this.#isSent && !this.#hasBlock) {
          this.#state = "block";
          return true;
        }
        this.#state = "frames";
        this.#channel.write(`ftl-${this.#opening.nonce}-up\n`);
        return true;
      }
      case "block": {
        if (this.#buffer.length < 8) return false;
        this.#skip = parseInt(textOf(this.#take(8)).slice(1), 16);
        this.#hasBlock = true;
        this.#state = "skip";
        return true;
      }
      case "frames": {
        if (this.#buffer.length < 8) return false;
        const length = parseInt(textOf(this.#buffer.subarray(0, 8)), 16);
        if (this.#buffer.length < 8 + length) return false;
        this.#take(8);
        this.#answer(textOf(this.#take(length)));
        return true;
      }
    }
  }

  #hasBlock = false;

  #take(length: number): Uint8Array {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.slice(length);
    return taken;
  }

  #answer(body: string): void {
    const [type, data, id] = JSON.parse(body);
    const { nonce, id: gate } = this.#opening;
    const reply = (type: string, data: unknown) => {
      const text = JSON.stringify([type, data, id]);
      const length = new TextEncoder().encode(text).length;
      this.#channel.write(length.toString(16).padStart(8, "0") + text);
    };
    if (type === "Hello") {
      reply("Hello", { ftl: 2, nonce, gate, ...SELF });
    } else if (type === "Ping") reply("Pong", {});
    else if (type === "Pack") reply("Stored", { sha256: data.sha256 });
    else if (type === "Shutdown") {
      reply("Goodbye", {});
      end(this.#channel, 0);
    } else if (type === "Call") {
      const { delayMs } = this.#behavior;
      const answer = () => {
        if (this.#behavior.failure === "call") {
          return void this.#channel.destroy();
        }
        reply("Result", {
          state: "ended",
          rc: 0,
          signal: null,
          stdout: "",
          stderr: "",
          cut: { stdout: 0, stderr: 0 },
          duration_ms: 1,
          value: {
            changed: false,
            text: "x".repeat(this.#behavior.replyBytes),
          },
        });
      };
      if (delayMs > 0) setTimeout(answer, delayMs);
      else answer();
    }
  }
}

const SELF = {
  python: "3.11.2",
  executable: "/usr/bin/python3",
  platform: "linux",
  pid: 4711,
  uid: 1000,
  folder: "/home/sim/.ftl",
  packs: [],
};

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
