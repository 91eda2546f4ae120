import { AwsError, type ServiceContext } from '../contracts.ts';
import { compilePolicy } from '../iam/policy/policy-document.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import type { Key } from './key.ts';
import { type KeyBook, requireNotPending } from './key-book.ts';

const FRAME = {};
const DAY_MS = 24 * 60 * 60 * 1_000;
const DEFAULT_WINDOW_DAYS = 30;
const DEFAULT_ROTATION_DAYS = 365;
const DEFAULT_PAGE = 50;
const PAGE = { min: 1, max: 1_000 };

/** https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html */
export const ROTATION_DAYS = { min: 90, max: 2_560 };
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
const WINDOW_DAYS = { min: 7, max: 30 };

const stateOf = (key: Key): 'Enabled' | 'Disabled' | 'PendingDeletion' => {
  if (key.deletesAtMs !== undefined) return 'PendingDeletion';
  return key.enabled ? 'Enabled' : 'Disabled';
};

const metadata = (key: Key, accountId: string) => ({
  KeyMetadata: {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAtMs / 1000,
    Enabled: stateOf(key) === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: stateOf(key),
    DeletionDate: key.deletesAtMs === undefined ? undefined : key.deletesAtMs / 1000,
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  },
});

/** @throws AwsError MalformedPolicyDocumentException */
const readPolicy = (text: string | undefined): unknown => {
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    compilePolicy(document, 'resource');
    return document;
  } catch (error) {
    throw new AwsError('MalformedPolicyDocumentException', error instanceof Error ? error.message : String(error));
  }
};

const readKeyId = (input: unknown): string => readFields(input, FRAME, (fields) => fields.requiredText('KeyId'));

const readPage = (fields: Fields) => ({
  limit: fields.integer('Limit', PAGE) ?? DEFAULT_PAGE,
  marker: fields.text('Marker') ?? '',
});

/** A page of what comes in the order of its names. */
const page = <T>(all: readonly (readonly [name: string, T])[], { limit, marker }: ReturnType<typeof readPage>) => {
  const rest = all.filter(([name]) => name > marker);
  const items = rest.slice(0, limit);
  const truncated = rest.length > limit;
  return { items, more: { Truncated: truncated, NextMarker: truncated ? items.at(-1)?.[0] : undefined } };
};

const lifeOperations = (
  book: KeyBook,
  { accountId, clock }: ServiceContext,
): Readonly<Record<string, JsonOperation>> => ({
  CreateKey: (input) => {
    const { description, policy } = readFields(input, FRAME, (fields) => {
      fields.ignore('no operation here reads tags back', 'Tags');
      fields.ignore('no policy is refused here for locking its author out', 'BypassPolicyLockoutSafetyCheck');
      fields.choice('KeySpec', ['SYMMETRIC_DEFAULT']);
      fields.choice('KeyUsage', ['ENCRYPT_DECRYPT']);
      fields.choice('Origin', ['AWS_KMS']);
      return { description: fields.text('Description') ?? '', policy: fields.text('Policy') };
    });
    const document = readPolicy(policy);
    const key = book.put({ description, enabled: true });
    book.putPolicy(key.arn, document);
    return metadata(key, accountId);
  },
  DescribeKey: (input) => metadata(book.find(readKeyId(input)), accountId),
  ListKeys: (input) => {
    const { items, more } = page(
      book.keys().map((key) => [key.id, key] as const),
      readFields(input, FRAME, readPage),
    );
    return { Keys: items.map(([, { id, arn }]) => ({ KeyId: id, KeyArn: arn })), ...more };
  },
  EnableKey: (input) => void book.change(requireNotPending(book.find(readKeyId(input))), { enabled: true }),
  DisableKey: (input) => void book.change(requireNotPending(book.find(readKeyId(input))), { enabled: false }),
  UpdateKeyDescription: (input) => {
    const { keyId, description } = readFields(input, FRAME, (fields) => ({
      keyId: fields.requiredText('KeyId'),
      description: fields.text('Description') ?? '',
    }));
    book.change(requireNotPending(book.find(keyId)), { description });
  },
  ScheduleKeyDeletion: (input) => {
    const { keyId, days } = readFields(input, FRAME, (fields) => ({
      keyId: fields.requiredText('KeyId'),
      days: fields.integer('PendingWindowInDays', WINDOW_DAYS) ?? DEFAULT_WINDOW_DAYS,
    }));
    const deletesAtMs = clock.nowMs() + days * DAY_MS;
    const key = book.change(requireNotPending(book.find(keyId)), { enabled: false, deletesAtMs });
    return {
      KeyId: key.arn,
      DeletionDate: deletesAtMs / 1000,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },
  CancelKeyDeletion: (input) => {
    const key = book.find(readKeyId(input));
    if (key.deletesAtMs === undefined) {
      throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
    }
    // Disabled, as AWS leaves it.
    return { KeyId: book.change(key, { deletesAtMs: undefined }).arn };
  },
});

const settingOperations = (book: KeyBook): Readonly<Record<string, JsonOperation>> => ({
  GetKeyPolicy: (input) => {
    const keyId = readFields(input, FRAME, (fields) => {
      fields.choice('PolicyName', ['default']);
      return fields.requiredText('KeyId');
    });
    return { Policy: JSON.stringify(book.policyOf(book.find(keyId))), PolicyName: 'default' };
  },
  PutKeyPolicy: (input) => {
    const { keyId, policy } = readFields(input, FRAME, (fields) => {
      fields.ignore('no policy is refused here for locking its author out', 'BypassPolicyLockoutSafetyCheck');
      fields.choice('PolicyName', ['default']);
      return { keyId: fields.requiredText('KeyId'), policy: fields.requiredText('Policy') };
    });
    book.putPolicy(requireNotPending(book.find(keyId)).arn, readPolicy(policy));
  },
  GetKeyRotationStatus: (input) => {
    const key = book.find(readKeyId(input));
    return {
      KeyId: key.arn,
      KeyRotationEnabled: key.rotationDays !== undefined,
      RotationPeriodInDays: key.rotationDays,
    };
  },
  EnableKeyRotation: (input) => {
    const { keyId, days } = readFields(input, FRAME, (fields) => ({
      keyId: fields.requiredText('KeyId'),
      days: fields.integer('RotationPeriodInDays', ROTATION_DAYS) ?? DEFAULT_ROTATION_DAYS,
    }));
    book.change(book.usable(keyId), { rotationDays: days });
  },
  DisableKeyRotation: (input) => void book.change(book.usable(readKeyId(input)), { rotationDays: undefined }),
});

const readAlias = (fields: Fields) => ({
  name: fields.requiredText('AliasName'),
  keyId: fields.requiredText('TargetKeyId'),
});

const aliasOperations = (
  book: KeyBook,
  { accountId, region }: ServiceContext,
): Readonly<Record<string, JsonOperation>> => {
  const stands = (alias: string): boolean => book.aliases().some(([one]) => one === alias);
  const arnOf = (alias: string): string => `arn:aws:kms:${region}:${accountId}:${alias}`;
  const require = (alias: string): void => {
    if (!stands(alias)) throw new AwsError('NotFoundException', `Alias ${arnOf(alias)} is not found.`);
  };
  return {
    CreateAlias: (input) => {
      const { name, keyId } = readFields(input, FRAME, readAlias);
      if (stands(name)) {
        throw new AwsError('AlreadyExistsException', `An alias with the name ${arnOf(name)} already exists`);
      }
      book.putAlias(name, keyId);
    },
    UpdateAlias: (input) => {
      const { name, keyId } = readFields(input, FRAME, readAlias);
      require(name);
      book.putAlias(name, keyId);
    },
    DeleteAlias: (input) => {
      const name = readFields(input, FRAME, (fields) => fields.requiredText('AliasName'));
      require(name);
      book.deleteAlias(name);
    },
    ListAliases: (input) => {
      const { keyId, ...bounds } = readFields(input, FRAME, (fields) => ({
        ...readPage(fields),
        keyId: fields.text('KeyId'),
      }));
      const all = book.aliases().filter(([, target]) => keyId === undefined || book.find(keyId).id === target);
      const { items, more } = page(all, bounds);
      return {
        Aliases: items.map(([AliasName, TargetKeyId]) => ({ AliasName, TargetKeyId, AliasArn: arnOf(AliasName) })),
        ...more,
      };
    },
  };
};

export const keyOperations = (book: KeyBook, context: ServiceContext): Readonly<Record<string, JsonOperation>> => ({
  ...lifeOperations(book, context),
  ...settingOperations(book),
  ...aliasOperations(book, context),
});
