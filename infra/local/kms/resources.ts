import type { LocalClock, ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { type Fields, readFields, readProperties } from '../protocols/fields.ts';
import { stableKeyId } from './key.ts';
import type { KeyBook } from './key-book.ts';
import { ROTATION_DAYS } from './key-operations.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const DEFAULT_WINDOW_DAYS = 30;
const DEFAULT_ROTATION_DAYS = 365;

const readWindow = (fields: Fields): number =>
  fields.integer('PendingWindowInDays', { min: 7, max: 30 }) ?? DEFAULT_WINDOW_DAYS;

const keyResource = (book: KeyBook, clock: LocalClock): ResourceProvider => {
  const put = (context: ResourceContext, id: string | undefined): ProvisionedResource => {
    const settings = readProperties(context, (fields) => {
      // Nothing here reads tags.
      fields.accept('Tags');
      readWindow(fields);
      fields.choice('KeySpec', ['SYMMETRIC_DEFAULT']);
      fields.choice('KeyUsage', ['ENCRYPT_DECRYPT']);
      if (fields.flag('MultiRegion') === true) throw fields.refuse('MultiRegion', 'is not supported here');
      const rotationDays = fields.integer('RotationPeriodInDays', ROTATION_DAYS) ?? DEFAULT_ROTATION_DAYS;
      return {
        description: fields.text('Description') ?? '',
        enabled: fields.flag('Enabled') ?? true,
        rotationDays: fields.flag('EnableKeyRotation') === true ? rotationDays : undefined,
        policy: fields.raw('KeyPolicy'),
      };
    });
    const { policy, ...of } = settings;
    const key = book.put({ ...(id !== undefined && { id }), ...of });
    book.putPolicy(key.arn, policy);
    return { physicalId: key.id, attributes: { Arn: key.arn, KeyId: key.id } };
  };
  return {
    // A key has no name of its own: its resource's name finds it when creation is repeated.
    create: async (context) => put(context, stableKeyId(context.generatedName)),
    update: async (context) => put(context, context.physicalId),
    // As CloudFormation does: the key waits for its window, and can be brought back until then.
    delete: async ({ physicalId, properties }) => {
      const key = book.keys().find(({ id }) => id === physicalId);
      if (key === undefined) return;
      const days = readFields({ PendingWindowInDays: properties.PendingWindowInDays }, {}, readWindow);
      book.change(key, { enabled: false, deletesAtMs: clock.nowMs() + days * DAY_MS });
    },
  };
};

const aliasResource = (book: KeyBook): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { name, keyId } = readProperties(context, (fields) => ({
      name: fields.requiredText('AliasName'),
      keyId: fields.requiredText('TargetKeyId'),
    }));
    book.putAlias(name, keyId);
    return { physicalId: name, attributes: {} };
  };
  return {
    create: async (context) => put(context),
    update: async (context) => {
      const written = put(context);
      if (written.physicalId !== context.physicalId) book.deleteAlias(context.physicalId);
      return written;
    },
    delete: async ({ physicalId }) => book.deleteAlias(physicalId),
  };
};

export const kmsResources = (book: KeyBook, clock: LocalClock): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::KMS::Key': keyResource(book, clock),
  'AWS::KMS::Alias': aliasResource(book),
});
