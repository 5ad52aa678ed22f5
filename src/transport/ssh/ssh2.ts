// The one import of ssh2, with its types named here: a program that imports ftl
// has a configuration of its own, where the types would not be found.
// @ts-types="npm:@types/ssh2@1.15.6"
export * from "ssh2";
