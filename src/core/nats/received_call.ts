// Checks what senders and workers say to each other, member by member, before anything
// in it is used: anybody who may publish on the NATS server can say it, and an allowed
// sender may be of another build. Other members are dropped. Reports have a file of
// their own (received_event.ts).
import { FtlError } from "../../errors.ts";
import { BECOME_METHODS } from "../become/become.ts";
import type { Call, CallSettings, FetchArgs, PushArgs } from "../call/call.ts";
import { MessageMembers } from "./message_members.ts";
import { readSentContent } from "./sent_content.ts";
import {
  type BeginNote,
  type ControlMessage,
  isWorkerName,
  type JoinAnswer,
  type JoinRequest,
  type RefusalNote,
  type SentBody,
  type SentChunk,
  type SentHost,
  type SentModule,
  type SentSettings,
  type WorkerStatus,
} from "./sent_call.ts";

const KINDS = ["binary", "new", "json", "script", "native", "old"] as const;

/** The most times that a sender may let a worker try an unreachable host again. */
const MAX_RETRIES = 100;
/** The most characters of names, versions and keys. */
const MAX_SHORT = 200;
/** The most characters of a reason; the rest is left out. */
const MAX_WHY = 2_000;

/** @throws {FtlError} that names the member which is wrong. */
export function readChunk(bytes: Uint8Array): SentChunk {
  const chunk = MessageMembers.parse(bytes);
  return {
    ftl: chunk.text("ftl"),
    build: chunk.text("build"),
    run: chunk.text("run"),
    chunk: chunk.count("chunk"),
    detached: chunk.flag("detached"),
    hosts: chunk.counts("hosts"),
    ...chunk.optional("body", () => bodyOf(chunk.members("body"))),
    ...chunk.optional("sealed", (name) => chunk.text(name)),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readBody(bytes: Uint8Array): SentBody {
  return bodyOf(MessageMembers.parse(bytes));
}

function bodyOf(body: MessageMembers): SentBody {
  return {
    call: callOf(body.members("call")),
    archive: body.text("archive"),
    modules: body.list(
      "modules",
      (value, path) => moduleOf(new MessageMembers(value, path)),
    ),
    settings: settingsOf(body.members("settings")),
    ...body.optional("files", (name) => readSentContent(body.json(name))),
    hosts: body.list(
      "hosts",
      (value, path) => hostOf(new MessageMembers(value, path)),
    ),
  };
}

function callOf(call: MessageMembers): Call {
  const flag = (name: string) => call.flag(name);
  const settings: CallSettings = {
    ...call.optional("check", flag),
    ...call.optional("diff", flag),
    ...call.optional("env", (name) => call.textRecord(name)),
    ...call.optional("timeoutMs", (name) => call.amount(name)),
    ...call.optional("maxOutput", (name) => call.count(name)),
    ...call.optional("stream", flag),
    ...call.optional("verbosity", (name) => call.count(name)),
    ...call.optional("noLog", flag),
    ...call.optional("secrets", (name) => call.texts(name)),
  };
  if (call.has("module")) {
    return {
      ...settings,
      module: call.text("module"),
      ...call.optional("args", (name) => call.json(name)),
      ...call.optional("native", flag),
      ...call.optional("moduleOnly", flag),
      ...call.optional("forceArgs", flag),
      ...call.optional("fresh", flag),
      ...call.optional(
        "background",
        (name) => backgroundOf(call.members(name)),
      ),
      ...call.optional("render", flag),
      ...call.optional("literal", (name) => call.texts(name)),
    };
  }
  if (call.has("command")) {
    const command = call.texts("command");
    return { ...settings, command, ...call.optional("script", flag) };
  }
  if (call.has("push")) {
    return { ...settings, push: pushOf(call.members("push")) };
  }
  if (call.has("fetch")) {
    return { ...settings, fetch: fetchOf(call.members("fetch")) };
  }
  if (call.has("open") && call.flag("open")) return { ...settings, open: true };
  throw new FtlError(
    "Cannot make a call of NATS: it names no module, command, push or fetch",
    { hint: "Use the same version of ftl for the run and its workers" },
  );
}

function pushOf(push: MessageMembers): PushArgs {
  const text = (name: string) => push.text(name);
  const flag = (name: string) => push.flag(name);
  return {
    src: push.text("src"),
    dest: push.text("dest"),
    ...push.optional("mode", text),
    ...push.optional("owner", text),
    ...push.optional("group", text),
    ...push.optional("preserve", flag),
    ...push.optional("parents", flag),
    ...push.optional("delete", flag),
  };
}

function fetchOf(fetch: MessageMembers): FetchArgs {
  return {
    src: fetch.text("src"),
    dest: fetch.text("dest"),
    ...fetch.optional("preserve", (name) => fetch.flag(name)),
    ...fetch.optional("max_size", (name) => fetch.count(name)),
  };
}

function backgroundOf(background: MessageMembers) {
  return {
    id: background.text("id"),
    limitMs: background.amount("limitMs"),
    pollMs: background.amount("pollMs"),
  };
}

function moduleOf(module: MessageMembers): SentModule {
  return {
    asked: module.text("asked"),
    native: module.flag("native"),
    prepared: nullable(module, "prepared", (prepared) => ({
      name: prepared.text("name"),
      kind: prepared.choice("kind", KINDS),
      pack: prepared.isNull("pack") ? null : prepared.text("pack"),
      secrets: prepared.texts("secrets"),
      unmasked: prepared.texts("unmasked"),
    })),
    ...module.optional(
      "located",
      () =>
        nullable(module, "located", (located) => ({
          fullName: located.has("fullName")
            ? located.text("fullName")
            : undefined,
          hasAction: located.flag("hasAction"),
        })),
    ),
  };
}

function nullable<T>(
  members: MessageMembers,
  name: string,
  read: (members: MessageMembers) => T,
): T | null {
  return members.isNull(name) ? null : read(members.members(name));
}

function settingsOf(settings: MessageMembers): SentSettings {
  const text = (name: string) => settings.text(name);
  const become = settings.members("become");
  const retries = settings.count("retries");
  return {
    ...settings.optional("user", text),
    ...settings.optional("port", (name) => settings.count(name)),
    ...settings.optional("python", text),
    ...settings.optional("inMemory", (name) => settings.flag(name)),
    ...settings.optional(
      "transport",
      (name) => settings.choice(name, ["ssh", "openssh"]),
    ),
    ...settings.optional("connectTimeoutMs", (name) => settings.amount(name)),
    become: {
      ...become.optional("enabled", (name) => become.flag(name)),
      ...become.optional(
        "method",
        (name) => become.choice(name, BECOME_METHODS),
      ),
      ...become.optional("user", (name) => become.text(name)),
    },
    ...settings.optional("becomePassword", text),
    ...settings.optional("password", text),
    linkLoss: settings.choice("linkLoss", ["kill", "finish"]),
    retries: Math.min(retries, MAX_RETRIES),
    keepInvocation: settings.flag("keepInvocation"),
  };
}

function hostOf(host: MessageMembers): SentHost {
  return {
    index: host.count("index"),
    name: host.text("name"),
    // In a list or an object a template would be read as one.
    vars: host.plainRecord("vars"),
    ...host.optional("args", (name) => host.json(name)),
    ...host.optional("secrets", (name) => host.texts(name)),
    ...host.optional("files", (name) => readSentContent(host.json(name))),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readBegin(bytes: Uint8Array): BeginNote {
  const note = MessageMembers.parse(bytes);
  return { worker: workerOf(note), id: shortText(note, "id") };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readRefusal(bytes: Uint8Array): RefusalNote {
  const note = MessageMembers.parse(bytes);
  return {
    worker: workerOf(note),
    id: shortText(note, "id"),
    why: note.text("why").slice(0, MAX_WHY),
    isFinal: note.flag("isFinal"),
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
  return {
    type: MessageMembers.parse(bytes).choice("type", ["beat", "cancel"]),
  };
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
