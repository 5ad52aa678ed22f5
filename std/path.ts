// @std/path, by way of npm: the npm package carries the code without types, so
// node's declarations, which describe the same functions, stand in for them.
// To use JSR instead, map "@std/path" to it in deno.json and delete this file.
// @ts-types="./path.d.ts"
export * from "deno-std/path/mod.js";
