// The one import of ssh2's values. It loads ssh2 so that its ciphers are ended,
// and names ssh2's types: a program that imports ftl has a configuration of its
// own, where the types would not be found.
import { restoreCrypto } from "./ended_ciphers.ts"; // must come before ssh2
// @ts-types="npm:@types/ssh2@1.15.6"
import ssh2 from "ssh2";

restoreCrypto();

export const { BaseAgent, Client, OpenSSHAgent, Server, utils } = ssh2;

export type Client = InstanceType<typeof Client>;
// @ts-types="npm:@types/ssh2@1.15.6"
export type * from "ssh2";
