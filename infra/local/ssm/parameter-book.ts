import { Buffer } from 'node:buffer';
import { AwsError, type ServiceContext } from '../contracts.ts';

export type ParameterType = 'String' | 'StringList';
export type ParameterTier = 'Standard' | 'Advanced';

/** One version of a parameter. */
export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly tier: ParameterTier;
  readonly description?: string | undefined;
  /** A regular expression that values obey. */
  readonly allowedPattern?: string | undefined;
  readonly version: number;
  readonly modifiedAtMs: number;
  /** ARN. */
  readonly modifiedBy: string;
}

export type NewParameter = Omit<Parameter, 'version' | 'modifiedAtMs'>;

export interface ParameterBook {
  /** The newest version, or one named by `name:version`. @throws AwsError ParameterVersionNotFound */
  readonly find: (name: string) => Parameter | undefined;
  /** Newest versions by name. */
  readonly under: (path: string) => readonly Parameter[];
  /** Oldest first. */
  readonly history: (name: string) => readonly Parameter[];
  /** Adds a version. @throws AwsError */
  readonly put: (parameter: NewParameter) => Parameter;
  readonly delete: (name: string) => void;
  readonly arn: (name: string) => string;
}

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html */
const MAX_VALUE_BYTES: Readonly<Record<ParameterTier, number>> = { Standard: 4096, Advanced: 8192 };
const MAX_LEVELS = 15;
const MAX_VERSIONS = 100;
const NAME = /^[a-zA-Z0-9_.\-/]{1,1011}$/;
const RESERVED = /^\/?(aws|ssm)/i;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html @throws AwsError */
const checkName = (name: string): void => {
  if (!NAME.test(name)) {
    throw new AwsError(
      'ValidationException',
      'Parameter name must be a fully qualified name of letters, digits, and the symbols . - _ and /' +
        `, of at most 1011 characters, got ${name}`,
    );
  }
  if (RESERVED.test(name)) {
    throw new AwsError(
      'ValidationException',
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive), got ${name}`,
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw new AwsError('ValidationException', `Parameter name must be a fully qualified name, got ${name}`);
  }
  if (name.split('/').length - 1 > MAX_LEVELS) {
    throw new AwsError('HierarchyLevelLimitExceededException', `a name has at most ${MAX_LEVELS} levels, got ${name}`);
  }
};

const checkPattern = (pattern: string, value: string): void => {
  let matches: boolean;
  try {
    matches = new RegExp(pattern).test(value);
  } catch {
    throw new AwsError(
      'InvalidAllowedPatternException',
      `AllowedPattern is not a valid regular expression: ${pattern}`,
    );
  }
  if (!matches) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  }
};

const check = (given: NewParameter, before: Parameter | undefined): void => {
  const limit = MAX_VALUE_BYTES[given.tier];
  checkName(given.name);
  if (Buffer.byteLength(given.value) > limit) {
    throw new AwsError(
      'ValidationException',
      `${given.tier} tier parameters support a maximum parameter value of ${limit} characters.`,
    );
  }
  if (given.allowedPattern !== undefined) checkPattern(given.allowedPattern, given.value);
  if (before !== undefined && before.type !== given.type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `The parameter ${given.name} is of type ${before.type}: its type cannot be changed.`,
    );
  }
  if (before?.tier === 'Advanced' && given.tier === 'Standard') {
    throw new AwsError('ValidationException', 'An advanced parameter cannot be changed to a standard parameter.');
  }
};

/** Versions of a parameter sort by their number. */
const versionKey = (name: string, version: number): string => `${name}:${String(version).padStart(12, '0')}`;

export const createParameterBook = ({ region, accountId, clock, store }: ServiceContext): ParameterBook => {
  const table = store.table<Parameter>('ssm.parameters');
  const versions = store.table<Parameter>('ssm.versions');
  const history = (name: string): readonly Parameter[] => versions.entries(`${name}:`).map(([, version]) => version);

  return {
    history,
    find: (reference) => {
      const [name = '', selector] = reference.split(':');
      if (selector === undefined) return table.get(name);
      const found = versions.get(versionKey(name, Number(selector)));
      if (found === undefined && table.get(name) !== undefined) {
        throw new AwsError(
          'ParameterVersionNotFound',
          `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
        );
      }
      return found;
    },
    under: (path) => table.entries(path).map(([, parameter]) => parameter),
    put: (given) => {
      const before = table.get(given.name);
      check(given, before);
      const parameter: Parameter = { ...given, version: (before?.version ?? 0) + 1, modifiedAtMs: clock.nowMs() };
      store.transaction(() => {
        table.put(given.name, parameter);
        versions.put(versionKey(given.name, parameter.version), parameter);
        versions.delete(versionKey(given.name, parameter.version - MAX_VERSIONS));
      });
      return parameter;
    },
    delete: (name) =>
      store.transaction(() => {
        table.delete(name);
        for (const { version } of history(name)) versions.delete(versionKey(name, version));
      }),
    arn: (name) => `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
  };
};
