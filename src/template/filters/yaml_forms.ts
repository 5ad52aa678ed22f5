// Which styles a YAML scalar allows, and which plain texts have another type in YAML 1.1.

/** The styles that a text allows. */
export interface ScalarForms {
  readonly isMultiline: boolean;
  /** Without quotes inside brackets. */
  readonly flowPlain: boolean;
  /** Without quotes elsewhere. */
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
}

const BREAKS = "\\n\\x85\\u2028\\u2029";
const SPACE_AFTER = `(?=[\\0 \\t\\r${BREAKS}]|$)`;
const MULTILINE = new RegExp(`[${BREAKS}]`);
const OUTER_SPACE = new RegExp(`^[ ${BREAKS}]|[ ${BREAKS}]$`);
const BREAK_SPACE = new RegExp(`[${BREAKS}] `);
const SPACE_BREAK = new RegExp(` [${BREAKS}]`);
/** What is a mark inside brackets, and what is one everywhere. */
const IN_FLOW = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`?:])|[,?[\]{}:]/;
const START = new RegExp(
  `^(?:---|\\.\\.\\.|[#,[\\]{}&*!|>'"%@\`]|[-?:]${SPACE_AFTER})`,
);
const COLON = new RegExp(`:${SPACE_AFTER}`);
const HASH = new RegExp(`[\\0 \\t\\r${BREAKS}]#`);
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]|\ufeff/u;

/** The styles that a text allows. */
export function analyze(text: string, isAscii: boolean): ScalarForms {
  if (text === "") {
    return {
      isMultiline: false,
      flowPlain: false,
      blockPlain: true,
      singleQuoted: true,
    };
  }
  const isMultiline = MULTILINE.test(text);
  const isSpecial = SPECIAL.test(text) ||
    (isAscii && /[^\0-\x7f]/.test(text));
  const needsDouble = isSpecial || SPACE_BREAK.test(text) ||
    BREAK_SPACE.test(text);
  const isPlain = !needsDouble && !isMultiline && !OUTER_SPACE.test(text);
  const isMark = START.test(text) || HASH.test(text);
  return {
    isMultiline,
    singleQuoted: !needsDouble,
    flowPlain: isPlain && !isMark && !IN_FLOW.test(text),
    blockPlain: isPlain && !isMark && !COLON.test(text),
  };
}

/** The types of PyYAML's resolver. */
const OTHER_TYPES = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:~|null|Null|NULL|)$/,
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/,
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
  /^(?:<<|=|[!&*])$/,
];

/** Whether a plain scalar is read as another type than a text. */
export function isOtherType(text: string): boolean {
  return OTHER_TYPES.some((pattern) => pattern.test(text));
}
