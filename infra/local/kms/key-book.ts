import { Buffer } from 'node:buffer';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { compilePolicy } from '../iam/policy/policy-document.ts';
import { keyPolicies } from '../iam/policy-book.ts';
import { policiesChanged } from '../iam/policy-changes.ts';
import { type Key, keyIdOf } from './key.ts';

/** What of a key can change. */
type KeySettings = Pick<Key, 'description' | 'enabled' | 'rotationDays' | 'deletesAtMs'>;

export interface KeyBook {
  /** By id, ARN, alias name or alias ARN. @throws AwsError NotFoundException */
  readonly find: (keyId: string) => Key;
  /** `find`, refusing a disabled key and one that waits for its deletion. */
  readonly usable: (keyId: string) => Key;
  /** The key's ARN; undefined for a key that does not exist. */
  readonly arnOf: (keyId: string) => string | undefined;
  readonly arnOfCiphertext: (ciphertextBase64: string) => string | undefined;
  readonly keys: () => readonly Key[];
  readonly policyOf: (key: Key) => unknown;
  /** @throws MalformedPolicy */
  readonly putPolicy: (keyArn: string, policy: unknown) => void;
  readonly put: (key: { readonly id?: string } & KeySettings) => Key;
  /** Changes some settings of a key that stands. */
  readonly change: (key: Key, settings: Partial<KeySettings>) => Key;
  readonly deleteKey: (id: string) => void;
  readonly aliases: () => readonly (readonly [name: string, keyId: string])[];
  readonly putAlias: (name: string, keyId: string) => void;
  readonly deleteAlias: (name: string) => void;
  /** Sets the timers of keys that wait for their deletion. */
  readonly start: () => void;
}

/** The policy of a key that was made without one: the account's own policies decide. */
const defaultPolicy = (accountId: string): unknown => ({
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

const MATERIAL_BYTES = 32;
const MAX_ALIASES_PER_KEY = 50;

/** @throws AwsError KMSInvalidStateException */
export const requireNotPending = (key: Key): Key => {
  if (key.deletesAtMs === undefined) return key;
  throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
};

const createPolicies = ({ accountId, store }: ServiceContext): Pick<KeyBook, 'policyOf' | 'putPolicy'> => ({
  policyOf: ({ arn }) => keyPolicies(store).get(arn) ?? defaultPolicy(accountId),
  putPolicy: (keyArn, policy) => {
    const document = policy ?? defaultPolicy(accountId);
    compilePolicy(document, 'resource');
    keyPolicies(store).put(keyArn, document);
    policiesChanged(store);
  },
});

const createAliases = ({ store }: ServiceContext, find: KeyBook['find']) => {
  const aliases = store.table<string>('kms.aliases');
  return {
    aliases: () => aliases.entries(),
    putAlias: (name: string, keyId: string): void => {
      if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/.test(name)) {
        throw new AwsError(
          'InvalidAliasNameException',
          `alias must begin with alias/ and not with alias/aws/, got ${name}`,
        );
      }
      const { id } = requireNotPending(find(keyId));
      if (aliases.entries().filter(([one, target]) => target === id && one !== name).length >= MAX_ALIASES_PER_KEY) {
        throw new AwsError('LimitExceededException', `a key has at most ${MAX_ALIASES_PER_KEY} aliases`);
      }
      aliases.put(name, id);
    },
    deleteAlias: aliases.delete,
  };
};

export const createKeyBook = (context: ServiceContext): KeyBook => {
  const { region, accountId, clock, store, ids } = context;
  const keys = store.table<Key>('kms.keys');
  const aliasTable = store.table<string>('kms.aliases');

  const find = (keyId: string): Key => {
    const name = keyId.replace(/^arn:aws:kms:[^:]*:\d*:(key\/)?/, '');
    const isAlias = name.startsWith('alias/');
    const found = keys.get(isAlias ? (aliasTable.get(name) ?? '') : name);
    if (found !== undefined) return found;
    const arn = keyId.startsWith('arn:')
      ? keyId
      : `arn:aws:kms:${region}:${accountId}:${isAlias ? name : `key/${name}`}`;
    throw new AwsError('NotFoundException', isAlias ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`);
  };

  const arnOf = (keyId: string): string | undefined => {
    try {
      return find(keyId).arn;
    } catch {
      return undefined;
    }
  };

  const deleteKey = (id: string): void => {
    for (const [name, target] of aliasTable.entries()) if (target === id) aliasTable.delete(name);
    keyPolicies(store).delete(keys.get(id)?.arn ?? '');
    policiesChanged(store);
    keys.delete(id);
  };

  const awaitDeletion = ({ id, deletesAtMs }: Key): void => {
    if (deletesAtMs === undefined) return;
    clock.at(deletesAtMs, `kms: deletion of ${id}`, () => {
      // Cancelled, or asked for again with another date.
      if (keys.get(id)?.deletesAtMs === deletesAtMs) deleteKey(id);
    });
  };

  const save = (key: Key): Key => {
    keys.put(key.id, key);
    awaitDeletion(key);
    return key;
  };

  return {
    ...createPolicies(context),
    ...createAliases(context, find),
    find,
    arnOf,
    arnOfCiphertext: (ciphertextBase64) => {
      try {
        return arnOf(keyIdOf(Buffer.from(ciphertextBase64, 'base64')));
      } catch {
        // No ciphertext of ours: the operation says so.
        return undefined;
      }
    },
    usable: (keyId) => {
      const key = requireNotPending(find(keyId));
      if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
      return key;
    },
    keys: () => keys.entries().map(([, key]) => key),
    put: ({ id = ids.uuid(), ...settings }) => {
      const before = keys.get(id);
      return save({
        id,
        arn: `arn:aws:kms:${region}:${accountId}:key/${id}`,
        createdAtMs: before?.createdAtMs ?? clock.nowMs(),
        material: before?.material ?? ids.bytes(MATERIAL_BYTES).toString('base64'),
        ...settings,
      });
    },
    change: (key, settings) => save({ ...key, ...settings }),
    deleteKey,
    start: () => keys.entries().forEach(([, key]) => void awaitDeletion(key)),
  };
};
