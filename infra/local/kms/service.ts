import { randomBytes, randomUUID } from 'node:crypto';
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
import { decryptWith, encryptWith, type Key, keyIdOf, stableKeyId } from './key.ts';

const FRAME = {};
const MAX_PLAINTEXT_BYTES = 4096;

interface KeyBook {
  /** By id, ARN, alias name or alias ARN. @throws AwsError NotFoundException */
  readonly find: (keyId: string) => Key;
  /** `find`, refusing a disabled key. */
  readonly usable: (keyId: string) => Key;
  readonly keys: () => readonly Key[];
  readonly put: (key: { readonly id?: string; readonly description: string; readonly enabled: boolean }) => Key;
  readonly deleteKey: (id: string) => void;
  readonly aliases: () => readonly (readonly [name: string, keyId: string])[];
  readonly putAlias: (name: string, keyId: string) => void;
  readonly deleteAlias: (name: string) => void;
}

const createKeyBook = ({ region, accountId, clock, store }: ServiceContext): KeyBook => {
  const keys = store.table<Key>('kms.keys');
  const aliases = store.table<string>('kms.aliases');

  const find = (keyId: string): Key => {
    const name = keyId.replace(/^arn:aws:kms:[^:]*:\d*:(key\/)?/, '');
    const found = keys.get(name.startsWith('alias/') ? (aliases.get(name) ?? '') : name);
    if (found === undefined) throw new AwsError('NotFoundException', `Key '${keyId}' does not exist`);
    return found;
  };

  return {
    find,
    usable: (keyId) => {
      const key = find(keyId);
      if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
      return key;
    },
    keys: () => keys.entries().map(([, key]) => key),
    put: ({ id = randomUUID(), description, enabled }) => {
      const before = keys.get(id);
      const key: Key = {
        id,
        arn: `arn:aws:kms:${region}:${accountId}:key/${id}`,
        description,
        enabled,
        createdAtMs: before?.createdAtMs ?? clock.nowMs(),
        material: before?.material ?? randomBytes(32).toString('base64'),
      };
      keys.put(id, key);
      return key;
    },
    deleteKey: (id) => {
      for (const [name, target] of aliases.entries()) if (target === id) aliases.delete(name);
      keys.delete(id);
    },
    aliases: () => aliases.entries(),
    putAlias: (name, keyId) => {
      if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]+$/.test(name)) {
        throw new AwsError(
          'InvalidAliasNameException',
          `alias must begin with alias/ and not with alias/aws/, got ${name}`,
        );
      }
      aliases.put(name, find(keyId).id);
    },
    deleteAlias: aliases.delete,
  };
};

const readBytes = (fields: Fields, name: string): Buffer => Buffer.from(fields.requiredText(name), 'base64');

const readCommon = (fields: Fields) => {
  fields.accept('GrantTokens');
  fields.choice('EncryptionAlgorithm', ['SYMMETRIC_DEFAULT']);
  return { keyId: fields.text('KeyId'), encryptionContext: fields.textMap('EncryptionContext') ?? {} };
};

const requireKeyId = (keyId: string | undefined): string => {
  if (keyId === undefined) throw new AwsError('ValidationException', 'KeyId is required');
  return keyId;
};

const metadata = (key: Key, accountId: string) => ({
  KeyMetadata: {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAtMs / 1000,
    Enabled: key.enabled,
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  },
});

const cryptoOperations = (book: KeyBook): Readonly<Record<string, JsonOperation>> => {
  const generate = (input: unknown) => {
    const request = readFields(input, FRAME, (fields) => ({
      ...readCommon(fields),
      spec: fields.choice('KeySpec', ['AES_256', 'AES_128']),
      bytes: fields.integer('NumberOfBytes', { min: 1, max: 1024 }),
    }));
    const size = request.bytes ?? (request.spec === 'AES_128' ? 16 : 32);
    if ((request.spec === undefined) === (request.bytes === undefined)) {
      throw new AwsError('ValidationException', 'either KeySpec or NumberOfBytes is required');
    }
    const key = book.usable(requireKeyId(request.keyId));
    const plaintext = randomBytes(size);
    const CiphertextBlob = encryptWith(key, plaintext, request.encryptionContext).toString('base64');
    return { CiphertextBlob, Plaintext: plaintext.toString('base64'), KeyId: key.arn };
  };
  return {
    Encrypt: (input) => {
      const { keyId, encryptionContext, plaintext } = readFields(input, FRAME, (fields) => ({
        ...readCommon(fields),
        plaintext: readBytes(fields, 'Plaintext'),
      }));
      if (plaintext.length > MAX_PLAINTEXT_BYTES) {
        throw new AwsError('ValidationException', `Plaintext must have at most ${MAX_PLAINTEXT_BYTES} bytes`);
      }
      const key = book.usable(requireKeyId(keyId));
      const CiphertextBlob = encryptWith(key, plaintext, encryptionContext).toString('base64');
      return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    Decrypt: (input) => {
      const { keyId, encryptionContext, ciphertext } = readFields(input, FRAME, (fields) => ({
        ...readCommon(fields),
        ciphertext: readBytes(fields, 'CiphertextBlob'),
      }));
      const key = book.usable(keyIdOf(ciphertext));
      if (keyId !== undefined && book.find(keyId).id !== key.id) {
        throw new AwsError('IncorrectKeyException', 'the ciphertext was encrypted under another key');
      }
      const Plaintext = decryptWith(key, ciphertext, encryptionContext).toString('base64');
      return { Plaintext, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    GenerateDataKey: generate,
    GenerateDataKeyWithoutPlaintext: (input) => {
      const { Plaintext: _plaintext, ...rest } = generate(input);
      return rest;
    },
  };
};

const keyOperations = (
  book: KeyBook,
  { accountId, region }: ServiceContext,
): Readonly<Record<string, JsonOperation>> => ({
  CreateKey: (input) => {
    const description = readFields(input, FRAME, (fields) => {
      fields.accept('Tags', 'Policy', 'BypassPolicyLockoutSafetyCheck');
      fields.choice('KeySpec', ['SYMMETRIC_DEFAULT']);
      fields.choice('KeyUsage', ['ENCRYPT_DECRYPT']);
      return fields.text('Description') ?? '';
    });
    return metadata(book.put({ description, enabled: true }), accountId);
  },
  DescribeKey: (input) => {
    const keyId = readFields(input, FRAME, (fields) => requireKeyId(readCommon(fields).keyId));
    return metadata(book.find(keyId), accountId);
  },
  ListKeys: (input) => {
    readFields(input, FRAME, (fields) => fields.accept('Limit'));
    return { Keys: book.keys().map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), Truncated: false };
  },
  EnableKey: (input) => setEnabled(book, input, true),
  DisableKey: (input) => setEnabled(book, input, false),
  CreateAlias: (input) => {
    const { name, keyId } = readFields(input, FRAME, (fields) => ({
      name: fields.requiredText('AliasName'),
      keyId: fields.requiredText('TargetKeyId'),
    }));
    if (book.aliases().some(([one]) => one === name)) {
      throw new AwsError('AlreadyExistsException', `An alias with the name ${name} already exists`);
    }
    book.putAlias(name, keyId);
  },
  ListAliases: (input) => {
    const keyId = readFields(input, FRAME, (fields) => {
      fields.accept('Limit');
      return fields.text('KeyId');
    });
    const found = book.aliases().filter(([, target]) => keyId === undefined || book.find(keyId).id === target);
    return {
      Aliases: found.map(([AliasName, TargetKeyId]) => ({
        AliasName,
        TargetKeyId,
        AliasArn: `arn:aws:kms:${region}:${accountId}:${AliasName}`,
      })),
      Truncated: false,
    };
  },
});

const setEnabled = (book: KeyBook, input: unknown, enabled: boolean): void => {
  const { id, description } = book.find(readFields(input, FRAME, (fields) => fields.requiredText('KeyId')));
  book.put({ id, description, enabled });
};

const keyResource = (book: KeyBook): ResourceProvider => {
  const put = (context: ResourceContext, id: string | undefined): ProvisionedResource => {
    const settings = readProperties(context, (fields) => {
      // Who may use a key is decided by roles here, and rotation keeps a key's identity: neither changes an answer.
      fields.accept('KeyPolicy', 'EnableKeyRotation', 'RotationPeriodInDays', 'PendingWindowInDays', 'Tags');
      fields.choice('KeySpec', ['SYMMETRIC_DEFAULT']);
      fields.choice('KeyUsage', ['ENCRYPT_DECRYPT']);
      if (fields.flag('MultiRegion') === true) throw fields.refuse('MultiRegion', 'is not supported here');
      return { description: fields.text('Description') ?? '', enabled: fields.flag('Enabled') ?? true };
    });
    const key = book.put({ ...(id !== undefined && { id }), ...settings });
    return { physicalId: key.id, attributes: { Arn: key.arn, KeyId: key.id } };
  };
  return {
    // A key has no name of its own: its resource's name finds it when creation is repeated.
    create: async (context) => put(context, stableKeyId(context.generatedName)),
    update: async (context) => put(context, context.physicalId),
    delete: async ({ physicalId }) => book.deleteKey(physicalId),
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

/** KMS: symmetric keys and aliases. */
export const createKmsService = (context: ServiceContext): LocalService => {
  const book = createKeyBook(context);
  return {
    signingName: 'kms',
    handle: createJsonHandler({
      targetPrefix: 'TrentService',
      version: '1.1',
      operations: { ...cryptoOperations(book), ...keyOperations(book, context) },
    }),
    resources: { 'AWS::KMS::Key': keyResource(book), 'AWS::KMS::Alias': aliasResource(book) },
  };
};
