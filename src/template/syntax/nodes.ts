// The syntax tree of a template.
import type { BinaryOperator } from "../values/arithmetic.ts";
import type { Value } from "../values/template_value.ts";

interface Node {
  /** Where it starts in the source. */
  readonly offset: number;
}

/** An expression. */
export type Expression =
  & Node
  & (
    | { readonly kind: "constant"; readonly value: Value }
    | { readonly kind: "name"; readonly name: string }
    | {
      readonly kind: "list" | "tuple";
      readonly items: readonly Expression[];
    }
    | {
      readonly kind: "dict";
      readonly members: readonly (readonly [Expression, Expression])[];
    }
    | {
      readonly kind: "attribute";
      readonly of: Expression;
      readonly name: string;
    }
    | {
      readonly kind: "item";
      readonly of: Expression;
      readonly key: Expression;
    }
    | {
      readonly kind: "slice";
      readonly of: Expression;
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: Expression | undefined;
    }
    | {
      readonly kind: "call";
      readonly of: Expression;
      readonly args: ArgumentNodes;
    }
    | {
      readonly kind: "filter" | "test";
      readonly name: string;
      readonly of: Expression;
      readonly args: ArgumentNodes;
    }
    | { readonly kind: "not"; readonly of: Expression }
    | {
      readonly kind: "sign";
      readonly sign: "+" | "-";
      readonly of: Expression;
    }
    | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
    | { readonly kind: "concat"; readonly items: readonly Expression[] }
    | {
      readonly kind: "and" | "or";
      readonly left: Expression;
      readonly right: Expression;
    }
    | {
      readonly kind: "compare";
      readonly first: Expression;
      readonly rest: readonly (readonly [Comparison, Expression])[];
    }
    | {
      readonly kind: "condition";
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | undefined;
    }
  );

/** How two values are compared. */
export type Comparison =
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "not in";

/** The arguments of a call. */
export interface ArgumentNodes {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** `*list` */
  readonly list: Expression | undefined;
  /** `**dict` */
  readonly dict: Expression | undefined;
}

/** No arguments. */
export const NO_ARGUMENT_NODES: ArgumentNodes = {
  positional: [],
  named: [],
  list: undefined,
  dict: undefined,
};

/** What a value is assigned to. */
export type AssignTarget =
  & Node
  & (
    | { readonly kind: "name"; readonly name: string }
    | {
      readonly kind: "member";
      readonly name: string;
      readonly attribute: string;
    }
    | { readonly kind: "tuple"; readonly items: readonly AssignTarget[] }
  );

/** A parameter of a macro. */
export interface MacroParameter {
  readonly name: string;
  readonly otherwise: Expression | undefined;
}

/** A macro, or the body of a call block. */
export interface MacroNode {
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly body: readonly Statement[];
  /** Whether the body uses the name. */
  readonly usesVarargs: boolean;
  readonly usesKwargs: boolean;
  readonly usesCaller: boolean;
}

/** A statement. */
export type Statement =
  & Node
  & (
    | { readonly kind: "text"; readonly text: string }
    | { readonly kind: "output"; readonly value: Expression }
    | {
      readonly kind: "if";
      readonly branches: readonly {
        readonly test: Expression | undefined;
        readonly body: readonly Statement[];
      }[];
    }
    | {
      readonly kind: "for";
      readonly target: AssignTarget;
      readonly of: Expression;
      readonly filter: Expression | undefined;
      readonly isRecursive: boolean;
      /** Whether `loop` is set: as in Jinja, if the body names it. */
      readonly usesLoop: boolean;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
    | {
      readonly kind: "set";
      readonly target: AssignTarget;
      readonly value: Expression;
    }
    | {
      readonly kind: "set block";
      readonly target: AssignTarget;
      readonly filters: readonly FilterNode[];
      readonly body: readonly Statement[];
    }
    | {
      readonly kind: "with";
      readonly targets: readonly (readonly [AssignTarget, Expression])[];
      readonly body: readonly Statement[];
    }
    | { readonly kind: "macro"; readonly macro: MacroNode }
    | {
      readonly kind: "call block";
      readonly call: Expression;
      readonly caller: MacroNode;
    }
    | {
      readonly kind: "filter block";
      readonly filters: readonly FilterNode[];
      readonly body: readonly Statement[];
    }
    | {
      readonly kind: "include";
      readonly name: Expression;
      readonly ignoresMissing: boolean;
      readonly withContext: boolean;
    }
    | {
      readonly kind: "import";
      readonly name: Expression;
      readonly as: string;
      readonly withContext: boolean;
    }
    | {
      readonly kind: "from";
      readonly name: Expression;
      readonly names: readonly (readonly [name: string, as: string])[];
      readonly withContext: boolean;
    }
    | { readonly kind: "extends"; readonly name: Expression }
    | {
      readonly kind: "block";
      readonly name: string;
      readonly isScoped: boolean;
      readonly body: readonly Statement[];
    }
    | { readonly kind: "do"; readonly value: Expression }
    | { readonly kind: "break" | "continue" }
  );

/** A filter that is applied to a block. */
export interface FilterNode extends Node {
  readonly name: string;
  readonly args: ArgumentNodes;
}

/** A template that was read. */
export interface TemplateTree {
  readonly body: readonly Statement[];
  /** Its blocks by name, for templates that extend it. */
  readonly blocks: ReadonlyMap<string, readonly Statement[]>;
}
