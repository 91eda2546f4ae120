import { describe, expect, it, onTestFinished } from 'vitest';
import { createKmsService } from '../../../../../infra/local/kms/service.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';
import { callJson } from '../../../../helpers/wire-request.ts';

const start = async () => {
  const local = await startLocalService(createKmsService);
  onTestFinished(() => local.stop());
  const service = local.services[0];
  if (service === undefined) throw new Error('no service');
  const context = { stackName: 's', logicalId: 'Key', generatedName: 's-Key-1' };
  const provide = (type: string, properties: object) =>
    service.resources[type]?.create({ ...context, properties: { ...properties } });
  const key = await provide('AWS::KMS::Key', { EnableKeyRotation: true });
  return { ...local, call: callJson(service, 'TrentService'), provide, key };
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a key', () => {
  it('decrypts what it encrypted under the same context, in any order of its names', async () => {
    const { call, key } = await start();
    const encrypted = await call('Encrypt', {
      KeyId: key?.attributes.Arn,
      Plaintext: base64('secret'),
      EncryptionContext: { a: '1', b: '2' },
    });

    const { CiphertextBlob } = encrypted;
    const decrypted = await call('Decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } });

    expect(decrypted.Plaintext).toBe(base64('secret'));
    await expect(call('Decrypt', { CiphertextBlob })).rejects.toThrow('InvalidCiphertextException');
    await expect(call('Decrypt', { CiphertextBlob: base64('x'.repeat(80)) })).rejects.toThrow(
      'InvalidCiphertextException',
    );
  });

  it('gives data keys', async () => {
    const { call, key } = await start();
    const made = await call('GenerateDataKey', { KeyId: key?.physicalId, KeySpec: 'AES_256' });

    const opened = await call('Decrypt', { CiphertextBlob: made.CiphertextBlob });

    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(32);
    expect(opened.Plaintext).toBe(made.Plaintext);
  });

  it('is found by its alias, and is the same key when it is provisioned again', async () => {
    const { call, provide, key } = await start();
    await provide('AWS::KMS::Alias', { AliasName: 'alias/millrace', TargetKeyId: key?.attributes.Arn });
    const { CiphertextBlob } = await call('Encrypt', { KeyId: 'alias/millrace', Plaintext: base64('a') });

    const again = await provide('AWS::KMS::Key', {});

    expect(again?.physicalId).toBe(key?.physicalId);
    expect((await call('Decrypt', { CiphertextBlob })).Plaintext).toBe(base64('a'));
  });

  it('refuses to work while it is disabled, and kinds of keys that are not here', async () => {
    const { call, provide, key } = await start();
    await call('DisableKey', { KeyId: key?.physicalId });

    await expect(call('Encrypt', { KeyId: key?.physicalId, Plaintext: base64('a') })).rejects.toThrow(
      'DisabledException',
    );
    await expect(call('Encrypt', { KeyId: 'none', Plaintext: base64('a') })).rejects.toThrow('NotFoundException');
    await expect(provide('AWS::KMS::Key', { KeySpec: 'RSA_2048' })).rejects.toThrow('RSA_2048');
  });
});
