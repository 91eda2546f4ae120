import { Buffer } from 'node:buffer';
import { AwsError, type IdSource } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { decryptWith, encryptWith, keyIdOf } from './key.ts';
import type { KeyBook } from './key-book.ts';

const FRAME = {};
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
const MAX_PLAINTEXT_BYTES = 4096;

const readBytes = (fields: Fields, name: string): Buffer => Buffer.from(fields.requiredText(name), 'base64');

const readCommon = (fields: Fields) => {
  fields.choice('EncryptionAlgorithm', ['SYMMETRIC_DEFAULT']);
  return { keyId: fields.text('KeyId'), encryptionContext: fields.textMap('EncryptionContext') ?? {} };
};

const readDataKey = (fields: Fields) => ({
  keyId: fields.requiredText('KeyId'),
  encryptionContext: fields.textMap('EncryptionContext') ?? {},
  spec: fields.choice('KeySpec', ['AES_256', 'AES_128']),
  bytes: fields.integer('NumberOfBytes', { min: 1, max: 1024 }),
});

export const requireKeyId = (keyId: string | undefined): string => {
  if (keyId === undefined) throw new AwsError('ValidationException', 'KeyId is required');
  return keyId;
};

/** Encrypt, Decrypt, ReEncrypt and data keys: AES-256-GCM, the encryption context authenticated with the text. */
export const cryptoOperations = (book: KeyBook, ids: IdSource): Readonly<Record<string, JsonOperation>> => {
  const generate = (input: unknown) => {
    const { keyId, encryptionContext, spec, bytes } = readFields(input, FRAME, readDataKey);
    if ((spec === undefined) === (bytes === undefined)) {
      throw new AwsError('ValidationException', 'either KeySpec or NumberOfBytes is required');
    }
    const key = book.usable(keyId);
    const plaintext = ids.bytes(bytes ?? (spec === 'AES_128' ? 16 : 32));
    const CiphertextBlob = encryptWith(key, plaintext, { context: encryptionContext, ids }).toString('base64');
    return { CiphertextBlob, Plaintext: plaintext.toString('base64'), KeyId: key.arn };
  };
  const open = (ciphertext: Buffer, keyId: string | undefined, context: Readonly<Record<string, string>>) => {
    const key = book.usable(keyIdOf(ciphertext));
    if (keyId !== undefined && book.find(keyId).id !== key.id) {
      throw new AwsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    return { key, plaintext: decryptWith(key, ciphertext, context) };
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
      const CiphertextBlob = encryptWith(key, plaintext, { context: encryptionContext, ids }).toString('base64');
      return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    Decrypt: (input) => {
      const { keyId, encryptionContext, ciphertext } = readFields(input, FRAME, (fields) => ({
        ...readCommon(fields),
        ciphertext: readBytes(fields, 'CiphertextBlob'),
      }));
      const { key, plaintext } = open(ciphertext, keyId, encryptionContext);
      return { Plaintext: plaintext.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    GenerateDataKey: generate,
    GenerateDataKeyWithoutPlaintext: (input) => {
      const { Plaintext: _plaintext, ...rest } = generate(input);
      return rest;
    },
  };
};
