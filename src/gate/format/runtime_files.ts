// The Python runtime of a gate, embedded as text so that a compiled ftl needs no
// other files. A test compares the list with the folder.
import { blankComments } from "./blank_comments.ts";
import main from "../runtime/__main__.py" with { type: "text" };
import ftlGate from "../runtime/ftl_gate/__init__.py" with { type: "text" };
import ftlGateAnsibleArguments from "../runtime/ftl_gate/ansible_arguments.py" with {
  type: "text",
};
import ftlGateArgumentFile from "../runtime/ftl_gate/argument_file.py" with {
  type: "text",
};
import ftlGateCalls from "../runtime/ftl_gate/calls.py" with { type: "text" };
import ftlGateChild from "../runtime/ftl_gate/child.py" with { type: "text" };
import ftlGateCodeCache from "../runtime/ftl_gate/code_cache.py" with {
  type: "text",
};
import ftlGateCompiler from "../runtime/ftl_gate/compiler.py" with {
  type: "text",
};
import ftlGateFinder from "../runtime/ftl_gate/finder.py" with { type: "text" };
import ftlGateFolder from "../runtime/ftl_gate/folder.py" with { type: "text" };
import ftlGateFrames from "../runtime/ftl_gate/frames.py" with { type: "text" };
import ftlGateFresh from "../runtime/ftl_gate/fresh.py" with { type: "text" };
import ftlGateFreshResume from "../runtime/ftl_gate/fresh_resume.py" with {
  type: "text",
};
import ftlGateGate from "../runtime/ftl_gate/gate.py" with { type: "text" };
import ftlGateLaunch from "../runtime/ftl_gate/launch.py" with { type: "text" };
import ftlGateMemoryFile from "../runtime/ftl_gate/memory_file.py" with {
  type: "text",
};
import ftlGateMixedOutput from "../runtime/ftl_gate/mixed_output.py" with {
  type: "text",
};
import ftlGateModuleKind from "../runtime/ftl_gate/module_kind.py" with {
  type: "text",
};
import ftlGateModuleOutput from "../runtime/ftl_gate/module_output.py" with {
  type: "text",
};
import ftlGateModules from "../runtime/ftl_gate/modules.py" with {
  type: "text",
};
import ftlGateNative from "../runtime/ftl_gate/native.py" with { type: "text" };
import ftlGateNewStyle from "../runtime/ftl_gate/new_style.py" with {
  type: "text",
};
import ftlGateOutput from "../runtime/ftl_gate/output.py" with { type: "text" };
import ftlGateProgram from "../runtime/ftl_gate/program.py" with {
  type: "text",
};
import ftlGatePrune from "../runtime/ftl_gate/prune.py" with { type: "text" };
import ftlGateReceive from "../runtime/ftl_gate/receive.py" with {
  type: "text",
};
import ftlGateRespawn from "../runtime/ftl_gate/respawn.py" with {
  type: "text",
};
import ftlGateScratch from "../runtime/ftl_gate/scratch.py" with {
  type: "text",
};
import ftlGateShebang from "../runtime/ftl_gate/shebang.py" with {
  type: "text",
};
import ftlGateSitePath from "../runtime/ftl_gate/site_path.py" with {
  type: "text",
};
import ftlGateTerminate from "../runtime/ftl_gate/terminate.py" with {
  type: "text",
};
import ftlGateTrees from "../runtime/ftl_gate/trees.py" with { type: "text" };
import ftlGateUnpack from "../runtime/ftl_gate/unpack.py" with { type: "text" };
import ftlGateV1 from "../runtime/ftl_gate/v1.py" with { type: "text" };
import ftlGateV2 from "../runtime/ftl_gate/v2.py" with { type: "text" };
import ftlGateV2Rare from "../runtime/ftl_gate/v2_rare.py" with {
  type: "text",
};
import ftlGateWriter from "../runtime/ftl_gate/writer.py" with { type: "text" };

const SOURCES: readonly (readonly [path: string, text: string])[] = [
  ["__main__.py", main],
  ["ftl_gate/__init__.py", ftlGate],
  ["ftl_gate/ansible_arguments.py", ftlGateAnsibleArguments],
  ["ftl_gate/argument_file.py", ftlGateArgumentFile],
  ["ftl_gate/calls.py", ftlGateCalls],
  ["ftl_gate/child.py", ftlGateChild],
  ["ftl_gate/code_cache.py", ftlGateCodeCache],
  ["ftl_gate/compiler.py", ftlGateCompiler],
  ["ftl_gate/finder.py", ftlGateFinder],
  ["ftl_gate/folder.py", ftlGateFolder],
  ["ftl_gate/frames.py", ftlGateFrames],
  ["ftl_gate/fresh.py", ftlGateFresh],
  ["ftl_gate/fresh_resume.py", ftlGateFreshResume],
  ["ftl_gate/gate.py", ftlGateGate],
  ["ftl_gate/launch.py", ftlGateLaunch],
  ["ftl_gate/memory_file.py", ftlGateMemoryFile],
  ["ftl_gate/mixed_output.py", ftlGateMixedOutput],
  ["ftl_gate/module_kind.py", ftlGateModuleKind],
  ["ftl_gate/module_output.py", ftlGateModuleOutput],
  ["ftl_gate/modules.py", ftlGateModules],
  ["ftl_gate/native.py", ftlGateNative],
  ["ftl_gate/new_style.py", ftlGateNewStyle],
  ["ftl_gate/output.py", ftlGateOutput],
  ["ftl_gate/program.py", ftlGateProgram],
  ["ftl_gate/prune.py", ftlGatePrune],
  ["ftl_gate/receive.py", ftlGateReceive],
  ["ftl_gate/respawn.py", ftlGateRespawn],
  ["ftl_gate/scratch.py", ftlGateScratch],
  ["ftl_gate/shebang.py", ftlGateShebang],
  ["ftl_gate/site_path.py", ftlGateSitePath],
  ["ftl_gate/terminate.py", ftlGateTerminate],
  ["ftl_gate/trees.py", ftlGateTrees],
  ["ftl_gate/unpack.py", ftlGateUnpack],
  ["ftl_gate/v1.py", ftlGateV1],
  ["ftl_gate/v2.py", ftlGateV2],
  ["ftl_gate/v2_rare.py", ftlGateV2Rare],
  ["ftl_gate/writer.py", ftlGateWriter],
];

/** The files of the runtime inside an archive, path to text without comments. */
export const runtimeFiles: ReadonlyMap<string, string> = new Map(
  SOURCES.map(([path, text]) => [path, blankComments(text)]),
);
