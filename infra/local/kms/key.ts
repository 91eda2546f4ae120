import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { AwsError, type IdSource } from '../contracts.ts';

/** A symmetric key, and what its ciphertexts look like: version, key id, nonce, tag, AES-256-GCM text. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly createdAtMs: number;
  /** Present: the key is rotated so often. Ciphertexts tell their key, so that nothing else shows it. */
  readonly rotationDays?: number | undefined;
  /** Present: the key waits for its deletion and can do nothing until that is cancelled. */
  readonly deletesAtMs?: number | undefined;
  /** Base64. It lies in the state folder in the clear: this is a laptop's cloud, not a safe. */
  readonly material: string;
}

export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const ID_BYTES = 36;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** The context in one order, whatever order it was given in. */
const associated = (context: EncryptionContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

export const encryptWith = (
  key: Key,
  plaintext: Uint8Array,
  { context, ids }: { readonly context: EncryptionContext; readonly ids: IdSource },
): Buffer => {
  const nonce = ids.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce).setAAD(associated(context));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), Buffer.from(key.id), nonce, cipher.getAuthTag(), text]);
};

const invalidCiphertext = (): AwsError =>
  new AwsError('InvalidCiphertextException', 'the ciphertext cannot be decrypted');

export const keyIdOf = (ciphertext: Uint8Array): string => {
  if (ciphertext.length < HEAD_BYTES || ciphertext[0] !== VERSION) throw invalidCiphertext();
  return Buffer.from(ciphertext.subarray(1, 1 + ID_BYTES)).toString('ascii');
};

/** @throws AwsError InvalidCiphertextException for another key, another context or a changed byte */
export const decryptWith = (key: Key, ciphertext: Uint8Array, context: EncryptionContext): Buffer => {
  const nonce = ciphertext.subarray(1 + ID_BYTES, 1 + ID_BYTES + NONCE_BYTES);
  const tag = ciphertext.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
    decipher.setAAD(associated(context)).setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext.subarray(HEAD_BYTES)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
};

/** An id in the form of a UUID that a name always gives. */
export const stableKeyId = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};
