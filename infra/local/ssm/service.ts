import type {
  LocalService,
  ProvisionedResource,
  ResourceContext,
  ResourceProvider,
  ServiceContext,
} from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { readProperties } from '../protocols/fields.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { ssmAccess } from './access.ts';
import { readTier, readType, ssmOperations } from './operations.ts';
import { createParameterBook, type NewParameter, type ParameterBook } from './parameter-book.ts';

const readParameter = (context: ResourceContext): NewParameter =>
  readProperties(context, (fields) => {
    // Nothing here reads tags.
    fields.accept('Tags');
    fields.choice('DataType', ['text']);
    const type = readType(fields);
    if (type === undefined) throw fields.refuse('Type', 'is required');
    return {
      name: fields.text('Name') ?? context.generatedName,
      type,
      tier: readTier(fields),
      value: fields.requiredText('Value'),
      description: fields.text('Description'),
      allowedPattern: fields.text('AllowedPattern'),
      modifiedBy: 'cloudformation',
    };
  });

/** Everything that a resource states; a parameter that says the same already keeps its version. */
const stated = ({ name, type, tier, value, description, allowedPattern }: NewParameter): string =>
  JSON.stringify([name, type, tier, value, description, allowedPattern]);

const parameterResource = (book: ParameterBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const given = readParameter(context);
    const before = book.find(given.name);
    const { name, type, value } = before !== undefined && stated(before) === stated(given) ? before : book.put(given);
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

/** Systems Manager: its parameter store. Labels, policies and encrypted values are refused by name. */
export const createSsmService = (context: ServiceContext): LocalService => {
  const book = createParameterBook(context);
  const guard = { access: context.access, service: 'ssm' };
  return {
    signingName: 'ssm',
    handle: createJsonHandler({
      targetPrefix: 'AmazonSSM',
      version: '1.1',
      operations: guardOperations(guard, ssmAccess(context), ssmOperations(book)),
    }),
    resources: { 'AWS::SSM::Parameter': parameterResource(book) },
  };
};
