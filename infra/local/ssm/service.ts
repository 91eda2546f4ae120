import {
  AwsError,
  type LocalService,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
} from '../contracts.ts';
import { type Fields, readFields, readProperties } from '../protocols/fields.ts';
import { createJsonHandler, type JsonOperation } from '../protocols/json.ts';

interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly description?: string | undefined;
  readonly version: number;
  readonly modifiedAtMs: number;
}

interface ParameterBook {
  readonly find: (name: string) => Parameter | undefined;
  readonly under: (path: string) => readonly Parameter[];
  readonly put: (parameter: Omit<Parameter, 'version' | 'modifiedAtMs'>) => Parameter;
  readonly delete: (name: string) => void;
  readonly arn: (name: string) => string;
}

const FRAME = {};
const MAX_VALUE_BYTES = 4096;
const MAX_PAGE = 10;

const createParameterBook = ({ region, accountId, clock, store }: ServiceContext): ParameterBook => {
  const table = store.table<Parameter>('ssm.parameters');
  return {
    find: table.get,
    under: (path) => table.entries(path).map(([, parameter]) => parameter),
    put: (input) => {
      if (!/^[a-zA-Z0-9_.\-/]{1,1011}$/.test(input.name)) {
        throw new AwsError(
          'ValidationException',
          `parameter name must hold letters, digits, _ . - and /, got ${input.name}`,
        );
      }
      if (Buffer.byteLength(input.value) > MAX_VALUE_BYTES) {
        throw new AwsError('ValidationException', `parameter value must have at most ${MAX_VALUE_BYTES} bytes`);
      }
      const before = table.get(input.name);
      const same =
        before?.value === input.value && before.type === input.type && before.description === input.description;
      if (before !== undefined && same) return before;
      const parameter = { ...input, version: (before?.version ?? 0) + 1, modifiedAtMs: clock.nowMs() };
      table.put(input.name, parameter);
      return parameter;
    },
    delete: table.delete,
    arn: (name) => `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`,
  };
};

/** SecureString is refused: a value that is only said to be encrypted would be a lie. */
const readType = (fields: Fields): Parameter['type'] => fields.choice('Type', ['String', 'StringList']) ?? 'String';

const readPlain = (fields: Fields): void => {
  fields.choice('Tier', ['Standard']);
  fields.choice('DataType', ['text']);
  fields.accept('AllowedPattern', 'Tags');
};

const shown = (book: ParameterBook, parameter: Parameter) => ({
  Name: parameter.name,
  Type: parameter.type,
  Value: parameter.value,
  Version: parameter.version,
  LastModifiedDate: parameter.modifiedAtMs / 1000,
  ARN: book.arn(parameter.name),
  DataType: 'text',
});

const notFound = (name: string): AwsError => new AwsError('ParameterNotFound', `Parameter ${name} not found.`);

const ssmOperations = (book: ParameterBook): Readonly<Record<string, JsonOperation>> => ({
  PutParameter: (input) => {
    const { overwrite, ...parameter } = readFields(input, FRAME, (fields) => {
      readPlain(fields);
      return {
        name: fields.requiredText('Name'),
        type: readType(fields),
        value: fields.requiredText('Value'),
        description: fields.text('Description'),
        overwrite: fields.flag('Overwrite') ?? false,
      };
    });
    if (!overwrite && book.find(parameter.name) !== undefined) {
      throw new AwsError(
        'ParameterAlreadyExists',
        `The parameter ${parameter.name} already exists: set Overwrite to change it.`,
      );
    }
    return { Version: book.put(parameter).version, Tier: 'Standard' };
  },
  GetParameter: (input) => {
    const name = readFields(input, FRAME, (fields) => {
      fields.accept('WithDecryption');
      return fields.requiredText('Name');
    });
    const found = book.find(name);
    if (found === undefined) throw notFound(name);
    return { Parameter: shown(book, found) };
  },
  GetParameters: (input) => {
    const names = readFields(input, FRAME, (fields) => {
      fields.accept('WithDecryption');
      return fields.texts('Names') ?? [];
    });
    return {
      Parameters: names.flatMap((name) => book.find(name) ?? []).map((found) => shown(book, found)),
      InvalidParameters: names.filter((name) => book.find(name) === undefined),
    };
  },
  GetParametersByPath: (input) => {
    const request = readFields(input, FRAME, (fields) => {
      fields.accept('WithDecryption');
      return {
        path: fields.requiredText('Path'),
        recursive: fields.flag('Recursive') ?? false,
        limit: fields.integer('MaxResults', { min: 1, max: MAX_PAGE }) ?? MAX_PAGE,
        from: Number(fields.text('NextToken') ?? 0),
      };
    });
    const folder = request.path.endsWith('/') ? request.path : `${request.path}/`;
    const found = book
      .under(folder)
      .filter(({ name }) => request.recursive || !name.slice(folder.length).includes('/'));
    const end = request.from + request.limit;
    return {
      Parameters: found.slice(request.from, end).map((one) => shown(book, one)),
      NextToken: end < found.length ? String(end) : undefined,
    };
  },
  DeleteParameter: (input) => {
    const name = readFields(input, FRAME, (fields) => fields.requiredText('Name'));
    if (book.find(name) === undefined) throw notFound(name);
    book.delete(name);
  },
});

const parameterResource = (book: ParameterBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const parameter = readProperties(context, (fields) => {
      readPlain(fields);
      return {
        name: fields.text('Name') ?? context.generatedName,
        type: readType(fields),
        value: fields.requiredText('Value'),
        description: fields.text('Description'),
      };
    });
    const { name, type, value } = book.put(parameter);
    return { physicalId: name, attributes: { Type: type, Value: value } };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.delete(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.delete(physicalId),
  };
};

/** Systems Manager: its parameter store. */
export const createSsmService = (context: ServiceContext): LocalService => {
  const book = createParameterBook(context);
  return {
    signingName: 'ssm',
    handle: createJsonHandler({ targetPrefix: 'AmazonSSM', version: '1.1', operations: ssmOperations(book) }),
    resources: { 'AWS::SSM::Parameter': parameterResource(book) },
  };
};
