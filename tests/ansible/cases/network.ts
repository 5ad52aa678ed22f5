// Calls that ask a web server. `$URL` is one that says what it was asked.
import type { Case } from "./case.ts";

export const NETWORK_CASES: readonly Case[] = [
  {
    does: "gets a file",
    module: "get_url",
    args: { url: "$URL/text", dest: "$D/f", mode: "0600" },
    isShort: true,
  },
  {
    does: "checks a sum",
    module: "get_url",
    args: {
      url: "$URL/text",
      dest: "$D/f",
      checksum: "sha1:0000000000000000000000000000000000000000",
    },
  },
  {
    does: "fails for what is not there",
    module: "get_url",
    args: { url: "$URL/none", dest: "$D/f" },
  },
  {
    does: "asks for JSON",
    module: "uri",
    args: { url: "$URL/json", return_content: true },
  },
  {
    does: "sends a form",
    module: "uri",
    args: {
      url: "$URL/echo",
      method: "POST",
      body: { a: "1 2" },
      body_format: "form-urlencoded",
      return_content: true,
    },
  },
  {
    does: "sends a file",
    module: "uri",
    args: {
      url: "$URL/echo",
      method: "PUT",
      src: "$D/f",
      return_content: true,
    },
    files: { f: "content\n" },
  },
  {
    does: "fails for a status that is not wanted",
    module: "uri",
    args: { url: "$URL/none" },
  },
  {
    does: "hides a password",
    module: "uri",
    args: {
      url: "$URL/json",
      url_username: "me",
      url_password: "not to be seen",
      force_basic_auth: true,
    },
  },
  {
    does: "fails where nobody listens",
    module: "uri",
    args: { url: "http://127.0.0.1:1/", timeout: 2 },
  },
  {
    does: "waits for a port",
    module: "wait_for",
    args: { host: "127.0.0.1", port: "$PORT", timeout: 5 },
  },
];
