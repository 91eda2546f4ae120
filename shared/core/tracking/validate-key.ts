import { InvalidRequestError } from '../../kernel/errors.ts';
import { exceedsLength, isLongerThan } from './text-limits.ts';

const MAX_LENGTH = 250;
const ALLOWED = /^[/\p{L}\p{N}_.\- :]*$/u;

/** As POSIX reads a path: `a//b/./c/../d` is `a/b/d`. */
const normalizedPath = (path: string): string => {
  const kept: string[] = [];
  const root = path.startsWith('/') ? '/' : '';
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || root === '') kept.push(part);
  }
  return root + kept.join('/') || '.';
};

const invalid = (key: string, parameter: string, reason: string): InvalidRequestError =>
  new InvalidRequestError(`Invalid value ${JSON.stringify(key)} for parameter '${parameter}' supplied: ${reason}`);

/**
 * Checks the key of a metric, param or tag, which other stores use as a file's name.
 * @param parameter Where it stands in the request, such as `metrics[3].name`.
 * @param what What an error calls it when it is too long, such as `Metric name`.
 * @throws InvalidRequestError unless it holds only letters, digits and `_-. :/`, is its own normal path, and has 1 to 250
 * characters.
 */
export const validateKey = (key: string, parameter: string, what: string): string => {
  if (!ALLOWED.test(key)) {
    throw invalid(
      key,
      parameter,
      'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  }
  const normal = normalizedPath(key);
  if (normal !== key || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
    throw invalid(
      key,
      parameter,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
  }
  if (isLongerThan(key, MAX_LENGTH)) throw exceedsLength(what, MAX_LENGTH);
  return key;
};
