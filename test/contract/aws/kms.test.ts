import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKmsService } from '../../../infra/local/kms/service.ts';
import { type ContractTarget, ON_AWS, openContractTarget } from '../../helpers/contract-target.ts';
import { type JsonClient, openJsonClient } from '../../helpers/json-client.ts';

/** KMS as programs use it. On AWS each key costs a little until its deletion, seven days after the run. */

let target: ContractTarget;
let kms: JsonClient;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const createKey = async (): Promise<string> => {
  const { KeyMetadata } = await kms.call('CreateKey', { Description: target.prefix });
  target.afterwards(async () => {
    // A key that waits for its deletion, or is gone, needs no more.
    await kms
      .call('ScheduleKeyDeletion', { KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 })
      .catch((error: Error) => {
        if (!['KMSInvalidStateException', 'NotFoundException'].includes(error.name)) throw error;
      });
  });
  return KeyMetadata.KeyId;
};

let KeyId: string;
beforeAll(async () => {
  target = await openContractTarget([createKmsService]);
  kms = await openJsonClient(target, { service: 'kms', targetPrefix: 'TrentService' });
  KeyId = await createKey();
});
afterAll(() => target.stop());

describe('a symmetric key', () => {
  it('decrypts what it encrypted, under the same context only', async () => {
    const EncryptionContext = { model: 'births', stage: 'dev' };
    const { CiphertextBlob } = await kms.call('Encrypt', { KeyId, Plaintext: base64('secret'), EncryptionContext });

    const { Plaintext } = await kms.call('Decrypt', {
      CiphertextBlob,
      EncryptionContext: { stage: 'dev', model: 'births' },
    });

    expect(Plaintext).toBe(base64('secret'));
    await expect(
      kms.call('Decrypt', { CiphertextBlob, EncryptionContext: { model: 'births', stage: 'prod' } }),
    ).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    await expect(kms.call('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('refuses a changed byte, another key and more than 4,096 bytes', async () => {
    const other = await createKey();
    const { CiphertextBlob } = await kms.call('Encrypt', { KeyId, Plaintext: base64('secret') });
    const changed = Buffer.from(CiphertextBlob, 'base64');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

    await expect(kms.call('Decrypt', { CiphertextBlob: changed.toString('base64') })).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
    await expect(kms.call('Decrypt', { CiphertextBlob, KeyId: other })).rejects.toMatchObject({
      name: 'IncorrectKeyException',
    });
    await expect(kms.call('Encrypt', { KeyId, Plaintext: base64('x'.repeat(4_097)) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('gives data keys that open again', async () => {
    const made = await kms.call('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
    const hidden = await kms.call('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 64 });

    const opened = await kms.call('Decrypt', { CiphertextBlob: made.CiphertextBlob });
    const openedHidden = await kms.call('Decrypt', { CiphertextBlob: hidden.CiphertextBlob });

    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(32);
    expect(opened.Plaintext).toBe(made.Plaintext);
    expect(hidden.Plaintext).toBeUndefined();
    expect(Buffer.from(openedHidden.Plaintext, 'base64')).toHaveLength(64);
  });

  it('does nothing while it is disabled', async () => {
    const id = await createKey();
    await kms.call('DisableKey', { KeyId: id });

    const encrypt = () => kms.call('Encrypt', { KeyId: id, Plaintext: base64('x') });

    await target.eventually('the key refuses', async () => {
      const outcome = await encrypt().catch((error: Error) => error.name);
      return outcome === 'DisabledException';
    });
    await kms.call('EnableKey', { KeyId: id });
    await target.eventually('the key works again', async () => (await encrypt().catch(() => undefined)) !== undefined);
  });

  it('waits for its deletion, can be brought back until then, and is disabled after that', async () => {
    const id = await createKey();

    const scheduled = await kms.call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 });
    const encrypting = kms.call('Encrypt', { KeyId: id, Plaintext: base64('x') });

    await expect(encrypting).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    expect(scheduled).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    await kms.call('CancelKeyDeletion', { KeyId: id });
    const { KeyMetadata } = await kms.call('DescribeKey', { KeyId: id });
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
  });

  it.skipIf(ON_AWS)('is gone after its window, and its ciphertexts with it', async () => {
    const id = await createKey();
    const { CiphertextBlob } = await kms.call('Encrypt', { KeyId: id, Plaintext: base64('x') });
    await kms.call('ScheduleKeyDeletion', { KeyId: id, PendingWindowInDays: 7 });

    await target.wait(7 * 24 * 3_600_000);

    await expect(kms.call('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('is rotated when asked to', async () => {
    await kms.call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 180 });
    const on = await kms.call('GetKeyRotationStatus', { KeyId });
    await kms.call('DisableKeyRotation', { KeyId });
    const off = await kms.call('GetKeyRotationStatus', { KeyId });

    expect(on).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 180 });
    expect(off.KeyRotationEnabled).toBe(false);
    await expect(kms.call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 30 })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('has a policy, which must be one', async () => {
    const { Policy } = await kms.call('GetKeyPolicy', { KeyId, PolicyName: 'default' });

    expect(JSON.parse(Policy).Statement[0]).toMatchObject({ Effect: 'Allow', Action: 'kms:*' });
    await expect(kms.call('PutKeyPolicy', { KeyId, PolicyName: 'default', Policy: '{"a":1}' })).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
  });
});

describe('an alias', () => {
  it('stands for its key, and moves to another', async () => {
    const AliasName = `alias/${target.prefix}`;
    const other = await createKey();
    await kms.call('CreateAlias', { AliasName, TargetKeyId: KeyId });
    target.afterwards(() => kms.call('DeleteAlias', { AliasName }));

    const { CiphertextBlob } = await kms.call('Encrypt', { KeyId: AliasName, Plaintext: base64('x') });
    await kms.call('UpdateAlias', { AliasName, TargetKeyId: other });
    const { Aliases } = await kms.call('ListAliases', { KeyId: other });

    expect((await kms.call('Decrypt', { CiphertextBlob })).KeyId).toMatch(new RegExp(`key/${KeyId}$`));
    expect(Aliases).toMatchObject([{ AliasName, TargetKeyId: other }]);
    await expect(kms.call('CreateAlias', { AliasName, TargetKeyId: KeyId })).rejects.toMatchObject({
      name: 'AlreadyExistsException',
    });
    await expect(kms.call('DescribeKey', { KeyId: `${AliasName}-none` })).rejects.toMatchObject({
      name: 'NotFoundException',
    });
  });
});
