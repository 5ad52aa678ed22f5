// Renders one template for one set of variables: runs its statements.
import { orElse } from "../values/first_of.ts";
import { locatedError, TemplateError } from "../template_error.ts";
import type {
  AssignTarget,
  Expression,
  FilterNode,
  MacroNode,
  Statement,
} from "../syntax/nodes.ts";
import { isTrue, itemsOf } from "../values/compare.ts";
import { toText } from "../values/printed_text.ts";
import { callable } from "../values/bind_arguments.ts";
import {
  type CallArguments,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import { callValue, evaluate, evaluateArguments } from "./evaluate.ts";
import {
  ExpressionContext,
  type ExpressionOptions,
} from "./expression_context.ts";
import { assignTo } from "./assign_to.ts";
import { Blocks } from "./blocks.ts";
import { Frame } from "./name_frame.ts";
import { makeMacro } from "./macro.ts";
import { Loop, TemplateModule } from "./objects.ts";
import type { Template } from "./template.ts";

/** What a rendering works with. */
export interface RenderingOptions extends ExpressionOptions {
  /** Finds a template for include, import and extends. May throw `Pending`. */
  load(name: string, from: Template): Template | undefined;
}

type Signal = "break" | "continue" | undefined;

/** Renders templates with the same variables. */
export class Rendering extends ExpressionContext {
  readonly #load: RenderingOptions["load"];
  #template!: Template;
  #output: string[] = [];
  #blocks = new Blocks();
  /** The template that the current one extends. */
  #parent: Template | undefined;

  constructor(options: RenderingOptions) {
    super(options);
    this.#load = options.load;
  }

  /** The template as text. */
  text(template: Template): string {
    return this.#capture(() => this.#run(template, new Frame()));
  }

  /** The value of a template that is one expression; the text of any other. */
  value(template: Template): Value {
    const [only, ...others] = template.tree.body;
    if (only?.kind !== "output" || others.length > 0) {
      return this.text(template);
    }
    return this.#inside(template, () => {
      const value = evaluate(only.value, new Frame(), this);
      if (value instanceof Undefined) value.fail();
      return value;
    });
  }

  /** Runs a whole template, and those that it extends. */
  #run(template: Template, frame: Frame): void {
    const blocks = this.#blocks;
    const parent = this.#parent;
    this.#blocks = new Blocks();
    this.bounds.nested(() => {
      for (
        let next: Template | undefined = template;
        next !== undefined;
        next = this.#parent
      ) {
        const current: Template = next;
        this.#blocks.add(current);
        this.#parent = undefined;
        this.bounds.step(1000);
        this.#inside(current, () => this.#statements(current.tree.body, frame));
      }
    });
    this.#blocks = blocks;
    this.#parent = parent;
  }

  /** Runs a part of a template; its errors name their place in it. */
  #inside<T>(template: Template, work: () => T): T {
    const outer = this.#template;
    const offset = this.offset;
    this.#template = template;
    try {
      return work();
    } catch (error) {
      throw locatedError(error, template.source.placeOf(this.offset));
    } finally {
      this.#template = outer;
      this.offset = offset;
    }
  }

  #capture(work: () => void): string {
    const outer = this.#output;
    this.#output = [];
    try {
      work();
      return this.#output.join("");
    } finally {
      this.#output = outer;
    }
  }

  #write(text: string): void {
    this.bounds.text(text.length);
    this.#output.push(text);
  }

  #statements(body: readonly Statement[], frame: Frame): Signal {
    for (const statement of body) {
      const signal = this.#statement(statement, frame);
      if (signal !== undefined) return signal;
    }
    return undefined;
  }

  #statement(node: Statement, frame: Frame): Signal {
    this.bounds.step();
    this.offset = node.offset;
    switch (node.kind) {
      case "text":
        if (this.#parent === undefined) this.#write(node.text);
        return undefined;
      case "output": {
        const value = this.#evaluate(node.value, frame);
        if (value !== null && this.#parent === undefined) {
          this.#write(toText(value));
        }
        return undefined;
      }
      case "if": {
        const chosen = node.branches.find(({ test }) =>
          test === undefined || isTrue(this.#evaluate(test, frame))
        );
        return chosen && this.#statements(chosen.body, frame);
      }
      case "for":
        return this.#for(node, this.#evaluate(node.of, frame), frame, 0);
      case "set":
        return this.#assign(
          node.target,
          this.#evaluate(node.value, frame),
          frame,
        );
      case "set block": {
        const text = this.#captureBody(node.body, frame);
        const value = this.#filtered(text, node.filters, frame);
        return this.#assign(node.target, value, frame);
      }
      case "with": {
        const inner = new Frame(frame);
        for (const [target, value] of node.targets) {
          this.#assign(target, this.#evaluate(value, frame), inner);
        }
        return this.#statements(node.body, inner);
      }
      case "macro":
        frame.set(node.macro.name, this.#macro(node.macro, frame));
        return undefined;
      case "call block":
        return this.#callBlock(node, frame);
      case "filter block": {
        const text = this.#captureBody(node.body, frame);
        this.#write(toText(this.#filtered(text, node.filters, frame)));
        return undefined;
      }
      case "include":
        return this.#include(node, frame);
      case "import":
        frame.set(node.as, this.#module(node, frame).module);
        return undefined;
      case "from":
        return this.#importNames(node, frame);
      case "extends": {
        const named = this.#evaluate(node.name, frame);
        this.#parent = this.#find(named) ?? notFound(named);
        return undefined;
      }
      case "block":
        if (this.#parent === undefined) {
          this.#block(node.name, 0, node.isScoped ? frame : frame.root);
        }
        return undefined;
      case "do":
        this.#evaluate(node.value, frame);
        return undefined;
      case "break":
      case "continue":
        return node.kind;
    }
  }

  #evaluate(node: Expression, frame: Frame): Value {
    return evaluate(node, frame, this);
  }

  #captureBody(body: readonly Statement[], frame: Frame): string {
    const parent = this.#parent;
    this.#parent = undefined;
    const text = this.#capture(() =>
      void this.#statements(body, new Frame(frame))
    );
    this.#parent = parent;
    return text;
  }

  #filtered(
    value: Value,
    filters: readonly FilterNode[],
    frame: Frame,
  ): Value {
    for (const { name, args, offset } of filters) {
      const given = evaluateArguments(args, frame, this);
      this.offset = offset;
      value = this.filter(name, value, given);
    }
    return value;
  }

  #for(
    node: Extract<Statement, { kind: "for" }>,
    of: Value,
    frame: Frame,
    depth: number,
  ): Signal {
    this.offset = node.of.offset;
    let items = itemsOf(of);
    if (node.filter !== undefined) {
      items = items.filter((item) => {
        const inner = new Frame(frame);
        this.#assign(node.target, item, inner);
        return isTrue(this.#evaluate(node.filter!, inner));
      });
    } else items = [...items];
    const recurse = node.isRecursive
      ? (more: Value) =>
        this.#capture(() =>
          this.bounds.nested(() => void this.#for(node, more, frame, depth + 1))
        )
      : undefined;
    const loop = new Loop(items, depth, recurse);
    for (const [at, item] of items.entries()) {
      const inner = new Frame(frame);
      loop.at = at;
      if (node.usesLoop) inner.set("loop", loop);
      this.#assign(node.target, item, inner);
      if (this.#statements(node.body, inner) === "break") break;
    }
    if (items.length > 0) return undefined;
    return this.#statements(node.otherwise, new Frame(frame));
  }

  #assign(target: AssignTarget, value: Value, frame: Frame): undefined {
    assignTo(target, value, { frame, global: (name) => this.global(name) });
  }

  /** A macro of the current template. */
  #macro(node: MacroNode, frame: Frame): Value {
    const template = this.#template;
    const seesVariables = this.seesVariables;
    return makeMacro(node, {
      frame,
      value: (each, inner) => this.#evaluate(each, inner),
      render: (inner) => this.#captureBody(node.body, inner),
      enter: (work) =>
        this.bounds.nested(() =>
          this.#seeing(seesVariables, () => this.#inside(template, work))
        ),
    });
  }

  #seeing<T>(variables: boolean, work: () => T): T {
    const before = this.seesVariables;
    this.seesVariables = variables;
    try {
      return work();
    } finally {
      this.seesVariables = before;
    }
  }

  #callBlock(
    { call, caller }: Extract<Statement, { kind: "call block" }>,
    frame: Frame,
  ): undefined {
    if (call.kind !== "call") return;
    const of = this.#evaluate(call.of, frame);
    const { positional, named } = evaluateArguments(call.args, frame, this);
    const args: CallArguments = {
      positional,
      named: new Map([...named, ["caller", this.#macro(caller, frame)]]),
    };
    this.#write(toText(callValue(of, args)));
  }

  #include(
    { name, ignoresMissing, withContext }: Extract<
      Statement,
      { kind: "include" }
    >,
    frame: Frame,
  ): undefined {
    const named = this.#evaluate(name, frame);
    const template = this.#find(named);
    if (template === undefined) {
      if (ignoresMissing) return;
      notFound(named);
    }
    this.#seeing(withContext && this.seesVariables, () => {
      this.#run(template, withContext ? new Frame(frame) : new Frame());
    });
  }

  /** The first template that exists among one name or several. */
  #find(named: Value): Template | undefined {
    const names = Array.isArray(named) ? named : [named];
    for (const name of names) {
      if (name instanceof Undefined) name.fail();
      const template = this.#load(toText(name), this.#template);
      if (template !== undefined) return template;
    }
    return undefined;
  }

  #module(
    { name, withContext }: Extract<Statement, { kind: "import" | "from" }>,
    frame: Frame,
  ): { names: ReadonlyMap<string, Value>; module: TemplateModule } {
    const named = this.#evaluate(name, frame);
    const template = this.#find(named) ?? notFound(named);
    const own = withContext ? new Frame(frame) : new Frame();
    const output = this.#seeing(
      withContext && this.seesVariables,
      () => this.#capture(() => this.#run(template, own)),
    );
    const names = own.own();
    return { names, module: new TemplateModule(names, output) };
  }

  #importNames(
    node: Extract<Statement, { kind: "from" }>,
    frame: Frame,
  ): undefined {
    const { module } = this.#module(node, frame);
    for (const [name, as] of node.names) {
      frame.set(
        as,
        orElse(module.attribute(name), () =>
          new Undefined(
            `the template '${
              toText(this.#evaluate(node.name, frame))
            }' does not export the requested name '${name}'`,
          )),
      );
    }
  }

  /** Writes a block, as the last template in the chain has it. */
  #block(name: string, level: number, frame: Frame): void {
    const layer = this.#blocks.layer(name, level);
    const inner = new Frame(frame);
    inner.set(
      "super",
      callable(
        "super",
        "",
        () =>
          this.#capture(() =>
            this.bounds.nested(() => this.#block(name, level + 1, frame))
          ),
      ),
    );
    this.#inside(
      layer.template,
      () => void this.#statements(layer.body, inner),
    );
  }
}

/** @throws {TemplateError} always. */
function notFound(named: Value): never {
  throw new TemplateError(`cannot find the template ${toText(named)}`);
}
