export {
  basename,
  dirname,
  extname,
  isAbsolute,
  join,
  normalize,
  relative,
  resolve,
} from "node:path";
export function fromFileUrl(url: string | URL): string;
export function toFileUrl(path: string): URL;
export function globToRegExp(
  glob: string,
  options?: {
    extended?: boolean;
    globstar?: boolean;
    caseInsensitive?: boolean;
  },
): RegExp;
