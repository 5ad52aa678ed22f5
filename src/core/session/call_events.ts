// Sends the events of one call to its client. A client that was stopped reads nothing:
// what it would have to be told by then is left out, and it learns how much that was.
import type { CallEvent } from "../../protocol/message.ts";
import { cutMark } from "../result/host_result.ts";
import type { MessageSocket } from "./message_socket.ts";

/** How many bytes wait for a client before events are left out. */
const MOST_WAITING = 64 * 1024 * 1024;

/** The events of one call. */
export class CallEvents {
  readonly #socket: MessageSocket;
  readonly #id: number;
  /** What was left out since the last event. */
  readonly #left = { stdout: 0, stderr: 0 };

  constructor(socket: MessageSocket, id: number) {
    this.#socket = socket;
    this.#id = id;
  }

  push(event: CallEvent): void {
    if (this.#socket.unread <= MOST_WAITING) {
      this.end();
      return this.#send(event);
    }
    if (event.type !== "Output") return; // the next report replaces this one
    const { stream, text } = event.data;
    this.#left[stream] += text.length;
  }

  /** Says what was left out. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#left[stream] === 0) continue;
      const text = cutMark(this.#left[stream]);
      this.#left[stream] = 0;
      this.#send({ type: "Output", data: { stream, text } });
    }
  }

  #send(event: CallEvent): void {
    this.#socket.send("Event", { event }, this.#id);
  }
}
