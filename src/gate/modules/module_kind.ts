// Detects the kind of a module from its bytes, by Ansible's rules and never by
// the file's name. src/gate/runtime/ftl_gate/module_kind.py does the same on the
// host; both are tested with tests/fixtures/modules/kinds/.
import { BuildError } from "../../errors.ts";
import { decodePython } from "../imports/python_text.ts";
import type { ModuleKind } from "../format/manifest.ts";

// Text that Ansible's controller replaces or that marks PowerShell, from
// ansible/executor/module_common.py. ftl supports neither.
const REPLACED: readonly string[] = [
  "#<<INCLUDE_ANSIBLE_MODULE_COMMON>>",
  '"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"',
  '"<<ANSIBLE_VERSION>>"',
  "<<SELINUX_SPECIAL_FILESYSTEMS>>",
];
/** The host replaces this one by the arguments. */
const JSON_ARGS = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>";
const POWERSHELL =
  /^#!powershell\b|^# POWERSHELL_COMMON|^#Requires -(?:Module|Version)|^#AnsibleRequires -(?:OSVersion|PowerShell|CSharpUtil|Wrapper)/im;
const MODULE_COMMON = /^from +ansible\.module_common +import +\*/m;

const IMPORTS_UTILS =
  /^[ \t]*(?:from|import)[ \t]+(?:ansible\.module_utils|ansible_collections\.[\w.]*\bmodule_utils|\.+[ \t]*[\w.]*\bmodule_utils)\b/m;
const MAIN = /^(?:async[ \t]+)?def[ \t]+main[ \t]*\(([^)]*)/gm;
const CALLS_MAIN = /(?<!def )\bmain[ \t]*\(/;

/** Python's strings and comments. */
const NOT_CODE =
  /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g;
const DOCUMENTED = /^DOCUMENTATION[ \t]*=/m;
const STATEMENT =
  /^(?:import|from(?![ \t]+__future__)|def|async|class|if|for|while|try|with|@|\w[\w.]*\()/m;

/**
 * Detects how a module is run; the first rule that matches decides.
 *
 * @param options `native`: the user named it as a native module (`-f`), which
 * overrides every rule.
 * @throws {BuildError} for a kind that ftl does not run: PowerShell, modules
 * that Ansible's controller completes, and files with documentation only. The
 * message continues "Module NAME".
 */
export function detectKind(
  bytes: Uint8Array,
  options: { native?: boolean } = {},
): ModuleKind {
  if (options.native) return "native";
  if (isBinary(bytes)) return "binary";
  const text = decodePython(bytes);
  refuseUnsupported(text);
  if (IMPORTS_UTILS.test(text) || text.includes("AnsibleModule(")) return "new";
  const isMarked = text.includes(JSON_ARGS);
  if (text.includes("WANT_JSON") && !isMarked) return "json";
  const words = interpreter(text);
  if (words !== undefined && !isPython(words)) return "script";
  if (isMarked) return "old";
  if (words === undefined && isFunction(text)) return "native";
  if (isDocumentation(text)) {
    throw new BuildError(
      "is only the documentation of an action plugin, which Ansible runs on the controller",
    );
  }
  return "old";
}

/**
 * Whether a module is not text, by Ansible's rule: its first bytes have control
 * characters other than those of text (`_is_binary` of executor/module_common.py).
 */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 1024).some((byte) =>
    byte === 0x7f || (byte < 0x20 && !TEXT_CONTROLS.includes(byte))
  );
}

const TEXT_CONTROLS = [7, 8, 9, 10, 12, 13, 27];

function refuseUnsupported(text: string): void {
  const powershell = POWERSHELL.exec(text);
  if (powershell !== null) {
    throw new BuildError(
      `is a PowerShell module (it has "${
        powershell[0].trim()
      }"): ftl cannot run it`,
    );
  }
  const marker = REPLACED.find((marker) => text.includes(marker)) ??
    MODULE_COMMON.exec(text)?.[0];
  if (marker !== undefined) {
    throw new BuildError(
      `must be completed by Ansible's controller (it has ${marker}): ftl cannot run it`,
    );
  }
}

/** The words after `#!`; undefined when the first line has none. */
function interpreter(text: string): string[] | undefined {
  if (!text.startsWith("#!")) return undefined;
  return text.slice(2).split("\n", 1)[0]!.trim().split(/\s+/);
}

/** Whether the words of a `#!` line name Python: the program, or env's argument. */
function isPython(words: string[]): boolean {
  const [program = "", ...rest] = words.map((word) => word.split("/").pop()!);
  const name = program === "env"
    ? rest.find((word) => !/^-|=/.test(word)) ?? ""
    : program;
  return /^(?:python|pypy|platform-python)[\d.]*$/.test(name);
}

/**
 * Whether a top-level `main` is intended for the gate to call: it has a parameter
 * that can be passed by keyword, or it has none and the module does not call it.
 */
function isFunction(text: string): boolean {
  for (const [, between = ""] of text.matchAll(MAIN)) {
    const parameters = between.replace(/#[^\n]*/g, "");
    if (parameters.trim() === "") {
      if (!CALLS_MAIN.test(text.replace(NOT_CODE, ""))) return true;
      continue;
    }
    let takes = false;
    for (const part of parameters.split(",")) {
      const parameter = part.trim();
      if (parameter === "/") takes = false;
      else if (/^(?:\*\*|[^\W\d])/.test(parameter)) takes = true;
    }
    if (takes) return true;
  }
  return false;
}

/** Whether a module has documentation and no code. */
export function isDocumentationOnly(bytes: Uint8Array): boolean {
  return isDocumentation(decodePython(bytes));
}

function isDocumentation(text: string): boolean {
  return DOCUMENTED.test(text) &&
    !STATEMENT.test(text.replace(NOT_CODE, ""));
}
