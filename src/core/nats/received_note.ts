// Checks the short messages of senders and workers, member by member: anybody who may
// publish on the NATS server can make them up. Calls (received_call.ts) and reports
// (received_event.ts) have files of their own.
import { MessageMembers } from "./message_members.ts";
import type {
  BeginNote,
  ControlMessage,
  JoinAnswer,
  JoinRequest,
  RefusalNote,
  WorkerStatus,
} from "./sent_call.ts";

/** @throws {FtlError} that names the member which is wrong. */
export function readBegin(bytes: Uint8Array): BeginNote {
  const note = MessageMembers.parse(bytes);
  return { worker: note.text("worker"), id: note.text("id") };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readRefusal(bytes: Uint8Array): RefusalNote {
  const note = MessageMembers.parse(bytes);
  return {
    worker: note.text("worker"),
    why: note.text("why"),
    ...note.optional("hosts", (name) => note.counts(name)),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readJoinRequest(
  bytes: Uint8Array,
): Omit<JoinRequest, "site"> {
  const request = MessageMembers.parse(bytes);
  return {
    nonce: request.text("nonce"),
    worker: request.text("worker"),
    id: request.text("id"),
    key: request.text("key"),
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

/** @throws {FtlError} that names the member which is wrong. */
export function readControl(bytes: Uint8Array): ControlMessage {
  return {
    type: MessageMembers.parse(bytes).choice("type", ["beat", "cancel"]),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readStatus(bytes: Uint8Array): WorkerStatus {
  const status = MessageMembers.parse(bytes);
  return {
    worker: status.text("worker"),
    id: status.text("id"),
    site: status.isNull("site") ? null : status.text("site"),
    ftl: status.text("ftl"),
    build: status.text("build"),
    key: status.text("key"),
    hosts: status.count("hosts"),
    upMs: status.amount("upMs"),
  };
}
