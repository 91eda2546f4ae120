import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import type { Parameter, ParameterBook, ParameterTier, ParameterType } from './parameter-book.ts';

const FRAME = {};
const MAX_NAMES = 10;
const MAX_PATH_PAGE = 10;
const MAX_HISTORY_PAGE = 50;
const NEVER_SECURE = 'no value here is encrypted: SecureString is refused';

/** SecureString is refused: a value that is only said to be encrypted would be a lie. */
export const readType = (fields: Fields): ParameterType | undefined => fields.choice('Type', ['String', 'StringList']);

export const readTier = (fields: Fields): ParameterTier =>
  fields.choice('Tier', ['Standard', 'Advanced']) ?? 'Standard';

const shown = (book: ParameterBook, parameter: Parameter, selector?: string) => ({
  Name: parameter.name,
  Type: parameter.type,
  Value: parameter.value,
  Version: parameter.version,
  Selector: selector,
  LastModifiedDate: parameter.modifiedAtMs / 1000,
  ARN: book.arn(parameter.name),
  DataType: 'text',
});

const notFound = (name: string): AwsError => new AwsError('ParameterNotFound', `Parameter ${name} not found.`);

const readNames = (fields: Fields): readonly string[] => fields.texts('Names') ?? [];

const checkNames = (names: readonly string[]): void => {
  if (names.length < 1 || names.length > MAX_NAMES) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAMES}`,
    );
  }
};

const paged = <T>(items: readonly T[], token: string | undefined, size: number) => {
  const from = Number(token ?? '0');
  if (!Number.isInteger(from) || from < 0) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const end = from + size;
  return { page: items.slice(from, end), NextToken: end < items.length ? String(end) : undefined };
};

const selectorOf = (reference: string): string | undefined => /:.*$/.exec(reference)?.[0];

const readOperations = (book: ParameterBook): Readonly<Record<string, JsonOperation>> => ({
  GetParameter: (input) => {
    const name = readFields(input, FRAME, (fields) => {
      fields.ignore(NEVER_SECURE, 'WithDecryption');
      return fields.requiredText('Name');
    });
    const found = book.find(name);
    if (found === undefined) throw notFound(name);
    return { Parameter: shown(book, found, selectorOf(name)) };
  },
  GetParameters: (input) => {
    const names = readFields(input, FRAME, (fields) => {
      fields.ignore(NEVER_SECURE, 'WithDecryption');
      return readNames(fields);
    });
    checkNames(names);
    const found = names.map((name) => ({ name, parameter: book.find(name) }));
    return {
      Parameters: found.flatMap(({ name, parameter }) =>
        parameter === undefined ? [] : [shown(book, parameter, selectorOf(name))],
      ),
      InvalidParameters: found.filter(({ parameter }) => parameter === undefined).map(({ name }) => name),
    };
  },
  GetParametersByPath: (input) => {
    const request = readFields(input, FRAME, (fields) => {
      fields.ignore(NEVER_SECURE, 'WithDecryption');
      return {
        path: fields.requiredText('Path'),
        recursive: fields.flag('Recursive') ?? false,
        size: fields.integer('MaxResults', { min: 1, max: MAX_PATH_PAGE }) ?? MAX_PATH_PAGE,
        token: fields.text('NextToken'),
      };
    });
    if (!request.path.startsWith('/')) {
      throw new AwsError(
        'ValidationException',
        `The parameter doesn't meet the parameter name requirements: the path must begin with /, got ${request.path}`,
      );
    }
    const folder = request.path.endsWith('/') ? request.path : `${request.path}/`;
    const found = book
      .under(folder)
      .filter(({ name }) => request.recursive || !name.slice(folder.length).includes('/'));
    const { page, NextToken } = paged(found, request.token, request.size);
    return { Parameters: page.map((one) => shown(book, one)), NextToken };
  },
  GetParameterHistory: (input) => {
    const { name, size, token } = readFields(input, FRAME, (fields) => {
      fields.ignore(NEVER_SECURE, 'WithDecryption');
      return {
        name: fields.requiredText('Name'),
        size: fields.integer('MaxResults', { min: 1, max: MAX_HISTORY_PAGE }) ?? MAX_HISTORY_PAGE,
        token: fields.text('NextToken'),
      };
    });
    const versions = book.history(name);
    if (versions.length === 0) throw notFound(name);
    const { page, NextToken } = paged(versions, token, size);
    const parameters = page.map((version) => ({
      Name: version.name,
      Type: version.type,
      Value: version.value,
      Version: version.version,
      Description: version.description,
      AllowedPattern: version.allowedPattern,
      LastModifiedDate: version.modifiedAtMs / 1000,
      LastModifiedUser: version.modifiedBy,
      Labels: [],
      Tier: version.tier,
      DataType: 'text',
    }));
    return { Parameters: parameters, NextToken };
  },
});

const writeOperations = (book: ParameterBook): Readonly<Record<string, JsonOperation>> => ({
  PutParameter: (input, { caller }) => {
    const { overwrite, type, ...given } = readFields(input, FRAME, (fields) => {
      fields.choice('DataType', ['text']);
      return {
        name: fields.requiredText('Name'),
        type: readType(fields),
        tier: readTier(fields),
        value: fields.requiredText('Value'),
        description: fields.text('Description'),
        allowedPattern: fields.text('AllowedPattern'),
        overwrite: fields.flag('Overwrite') ?? false,
      };
    });
    const before = book.find(given.name);
    if (!overwrite && before !== undefined) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const known = type ?? before?.type;
    if (known === undefined)
      throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    const { version, tier } = book.put({ ...given, type: known, modifiedBy: caller.arn });
    return { Version: version, Tier: tier };
  },
  DeleteParameter: (input) => {
    const name = readFields(input, FRAME, (fields) => fields.requiredText('Name'));
    if (book.find(name) === undefined) throw notFound(name);
    book.delete(name);
  },
  DeleteParameters: (input) => {
    const names = readFields(input, FRAME, readNames);
    checkNames(names);
    const standing = names.filter((name) => book.find(name) !== undefined);
    standing.forEach(book.delete);
    return { DeletedParameters: standing, InvalidParameters: names.filter((name) => !standing.includes(name)) };
  },
});

export const ssmOperations = (book: ParameterBook): Readonly<Record<string, JsonOperation>> => ({
  ...readOperations(book),
  ...writeOperations(book),
});
