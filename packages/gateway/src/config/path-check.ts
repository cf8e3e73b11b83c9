import { normalizePath } from '@gatescope/base';

/** What is wrong with a route's path, or null: a prefix begins with `/` and is normalised, a regular expression begins with `~/` and compiles. */
export function checkPath(path: string): string | null {
  if (path.startsWith('~')) {
    if (!path.startsWith('~/')) return 'a regular expression begins with ~/';
    try {
      new RegExp(path.slice(1));
      return null;
    } catch (error) {
      return `invalid regular expression: ${(error as Error).message.replace(/^Invalid regular expression: (.*: )?/, '')}`;
    }
  }
  if (!path.startsWith('/')) return 'a path begins with /, a regular expression with ~/';
  if (path.includes('//')) return 'a path has no empty segment (//)';
  const normal = normalizePath(path);
  return normal === path ? null : `a path is written normalised: ${normal}`;
}
