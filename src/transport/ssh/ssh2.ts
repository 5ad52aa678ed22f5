// ssh2, loaded so that its ciphers are ended. Every value of it is imported
// from here, never from the package; types may come from there.
import { restoreCrypto } from "./ended_ciphers.ts"; // must stand before ssh2
import ssh2 from "ssh2";

restoreCrypto();

export const { BaseAgent, Client, OpenSSHAgent, Server, utils } = ssh2;

export type Client = InstanceType<typeof Client>;
