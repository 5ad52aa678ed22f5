// The gate's Python, embedded as text so that a compiled ftl needs no files
// beside it. A test holds that no file of the folder is forgotten here.
import main from "../runtime/__main__.py" with { type: "text" };
import ftlGate from "../runtime/ftl_gate/__init__.py" with { type: "text" };
import ftlGateArrival from "../runtime/ftl_gate/arrival.py" with {
  type: "text",
};
import ftlGateCalls from "../runtime/ftl_gate/calls.py" with { type: "text" };
import ftlGateChild from "../runtime/ftl_gate/child.py" with { type: "text" };
import ftlGateCodes from "../runtime/ftl_gate/codes.py" with { type: "text" };
import ftlGateCompiling from "../runtime/ftl_gate/compiling.py" with {
  type: "text",
};
import ftlGateEnding from "../runtime/ftl_gate/ending.py" with { type: "text" };
import ftlGateFinder from "../runtime/ftl_gate/finder.py" with { type: "text" };
import ftlGateFolder from "../runtime/ftl_gate/folder.py" with { type: "text" };
import ftlGateFrames from "../runtime/ftl_gate/frames.py" with { type: "text" };
import ftlGateFresh from "../runtime/ftl_gate/fresh.py" with { type: "text" };
import ftlGateGate from "../runtime/ftl_gate/gate.py" with { type: "text" };
import ftlGateKinds from "../runtime/ftl_gate/kinds.py" with { type: "text" };
import ftlGateLaunch from "../runtime/ftl_gate/launch.py" with { type: "text" };
import ftlGateMemoryFile from "../runtime/ftl_gate/memory_file.py" with {
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
import ftlGatePrinted from "../runtime/ftl_gate/printed.py" with {
  type: "text",
};
import ftlGateProgram from "../runtime/ftl_gate/program.py" with {
  type: "text",
};
import ftlGateRare from "../runtime/ftl_gate/rare.py" with { type: "text" };
import ftlGateRespawn from "../runtime/ftl_gate/respawn.py" with {
  type: "text",
};
import ftlGateRoots from "../runtime/ftl_gate/roots.py" with { type: "text" };
import ftlGateScratch from "../runtime/ftl_gate/scratch.py" with {
  type: "text",
};
import ftlGateShebang from "../runtime/ftl_gate/shebang.py" with {
  type: "text",
};
import ftlGateSweeping from "../runtime/ftl_gate/sweeping.py" with {
  type: "text",
};
import ftlGateUnpack from "../runtime/ftl_gate/unpack.py" with { type: "text" };
import ftlGateV1 from "../runtime/ftl_gate/v1.py" with { type: "text" };
import ftlGateV2 from "../runtime/ftl_gate/v2.py" with { type: "text" };
import ftlGateWithFile from "../runtime/ftl_gate/with_file.py" with {
  type: "text",
};
import ftlGateWriter from "../runtime/ftl_gate/writer.py" with { type: "text" };

/** The runtime's files inside an archive, path to text. */
export const runtimeFiles: ReadonlyMap<string, string> = new Map([
  ["__main__.py", main],
  ["ftl_gate/__init__.py", ftlGate],
  ["ftl_gate/arrival.py", ftlGateArrival],
  ["ftl_gate/calls.py", ftlGateCalls],
  ["ftl_gate/child.py", ftlGateChild],
  ["ftl_gate/codes.py", ftlGateCodes],
  ["ftl_gate/compiling.py", ftlGateCompiling],
  ["ftl_gate/ending.py", ftlGateEnding],
  ["ftl_gate/finder.py", ftlGateFinder],
  ["ftl_gate/folder.py", ftlGateFolder],
  ["ftl_gate/frames.py", ftlGateFrames],
  ["ftl_gate/fresh.py", ftlGateFresh],
  ["ftl_gate/gate.py", ftlGateGate],
  ["ftl_gate/kinds.py", ftlGateKinds],
  ["ftl_gate/launch.py", ftlGateLaunch],
  ["ftl_gate/memory_file.py", ftlGateMemoryFile],
  ["ftl_gate/modules.py", ftlGateModules],
  ["ftl_gate/native.py", ftlGateNative],
  ["ftl_gate/new_style.py", ftlGateNewStyle],
  ["ftl_gate/output.py", ftlGateOutput],
  ["ftl_gate/printed.py", ftlGatePrinted],
  ["ftl_gate/program.py", ftlGateProgram],
  ["ftl_gate/rare.py", ftlGateRare],
  ["ftl_gate/respawn.py", ftlGateRespawn],
  ["ftl_gate/roots.py", ftlGateRoots],
  ["ftl_gate/scratch.py", ftlGateScratch],
  ["ftl_gate/shebang.py", ftlGateShebang],
  ["ftl_gate/sweeping.py", ftlGateSweeping],
  ["ftl_gate/unpack.py", ftlGateUnpack],
  ["ftl_gate/v1.py", ftlGateV1],
  ["ftl_gate/v2.py", ftlGateV2],
  ["ftl_gate/with_file.py", ftlGateWithFile],
  ["ftl_gate/writer.py", ftlGateWriter],
]);
