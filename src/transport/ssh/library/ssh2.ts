// The only file that imports ssh2. It loads ssh2 so that its ciphers are finalized,
// and states where ssh2's types are: a program that imports ftl has its own
// configuration, which does not know them.
import { restoreCrypto } from "./ended_ciphers.ts"; // must come before ssh2
// @ts-types="npm:@types/ssh2@1.15.6"
import ssh2 from "ssh2";

restoreCrypto();

export const { BaseAgent, Client, OpenSSHAgent, Server, utils } = ssh2;

export type Client = InstanceType<typeof Client>;
// @ts-types="npm:@types/ssh2@1.15.6"
export type * from "ssh2";
