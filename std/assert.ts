// @std/assert, by way of npm (see path.ts beside this file).
// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
