// Checks the short messages of senders and workers, member by member: anybody who may
// publish on the NATS server can make them up. Calls (received_call.ts) and reports
// (received_event.ts) have files of their own.
import { MessageMembers } from "./message_members.ts";
import {
  type ControlMessage,
  isWorkerName,
  type JoinAnswer,
  type JoinRequest,
  type RefusalNote,
  type WorkerStatus,
} from "./sent_call.ts";

/** The most characters of names, versions and keys. */
const MAX_SHORT = 200;
/** The most characters of a reason; the rest is left out. */
const MAX_WHY = 2_000;

/** @throws {FtlError} that names the member which is wrong. */
export function readRefusal(bytes: Uint8Array): RefusalNote {
  const note = MessageMembers.parse(bytes);
  return {
    worker: workerOf(note),
    id: shortText(note, "id"),
    why: note.text("why").slice(0, MAX_WHY),
    isFinal: note.flag("isFinal"),
    ...note.optional("chunk", (name) => note.count(name)),
    ...note.optional("hosts", (name) => note.counts(name)),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readJoinRequest(
  bytes: Uint8Array,
): Omit<JoinRequest, "site"> {
  const request = MessageMembers.parse(bytes);
  return {
    nonce: request.fitting("nonce", "a UUID", isUuid),
    worker: workerOf(request),
    id: request.fitting("id", "a UUID", isUuid),
    key: shortText(request, "key"),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readJoinAnswer(bytes: Uint8Array): JoinAnswer {
  const answer = MessageMembers.parse(bytes);
  return {
    nonce: answer.text("nonce"),
    ...answer.optional("refused", (name) => answer.text(name)),
  };
}

function workerOf(message: MessageMembers): string {
  return message.fitting("worker", "the name of a worker", isWorkerName);
}

function shortText(message: MessageMembers, name: string): string {
  const most = MAX_SHORT;
  return message.fitting(
    name,
    `a text of at most ${most} characters`,
    (text) => text.length <= most,
  );
}

function isUuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
}

/** @throws {FtlError} that names the member which is wrong. */
export function readControl(bytes: Uint8Array): ControlMessage {
  const control = MessageMembers.parse(bytes);
  const type = control.choice("type", ["beat", "cancel"]);
  return type === "cancel"
    ? { type }
    : { type, number: control.count("number") };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readStatus(bytes: Uint8Array): WorkerStatus {
  const status = MessageMembers.parse(bytes);
  return {
    worker: workerOf(status),
    id: shortText(status, "id"),
    site: status.isNull("site") ? null : shortText(status, "site"),
    ftl: shortText(status, "ftl"),
    build: shortText(status, "build"),
    key: shortText(status, "key"),
    hosts: status.count("hosts"),
    upMs: status.amount("upMs"),
  };
}
