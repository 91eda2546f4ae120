import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';

/**
 * What each operation needs of a key. https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 * `keyArnOf` answers nothing for a key that does not exist: the operation says so.
 */
export const kmsAccess = (
  keyArnOf: (keyId: string) => string | undefined,
  keyArnOfCiphertext: (ciphertextBase64: string) => string | undefined,
): AccessRules => {
  const onKey = (action: string, keyArn: string | undefined): readonly Need[] =>
    keyArn === undefined ? [] : [{ action: `kms:${action}`, resource: keyArn }];
  const named = (action: string) => (input: Input) => onKey(action, keyArnOf(textOf(input, 'KeyId')));
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `kms:${action}`, resource: '*' }];
  return {
    CancelKeyDeletion: named('CancelKeyDeletion'),
    CreateAlias: (input) => onKey('CreateAlias', keyArnOf(textOf(input, 'TargetKeyId'))),
    CreateKey: everywhere('CreateKey'),
    Decrypt: (input) => onKey('Decrypt', keyArnOfCiphertext(textOf(input, 'CiphertextBlob'))),
    DeleteAlias: (input) => onKey('DeleteAlias', keyArnOf(textOf(input, 'AliasName'))),
    DescribeKey: named('DescribeKey'),
    DisableKeyRotation: named('DisableKeyRotation'),
    EnableKeyRotation: named('EnableKeyRotation'),
    UpdateAlias: (input) => onKey('UpdateAlias', keyArnOf(textOf(input, 'TargetKeyId'))),
    UpdateKeyDescription: named('UpdateKeyDescription'),
    DisableKey: named('DisableKey'),
    EnableKey: named('EnableKey'),
    Encrypt: named('Encrypt'),
    GenerateDataKey: named('GenerateDataKey'),
    GenerateDataKeyWithoutPlaintext: named('GenerateDataKeyWithoutPlaintext'),
    GetKeyPolicy: named('GetKeyPolicy'),
    GetKeyRotationStatus: named('GetKeyRotationStatus'),
    ListAliases: everywhere('ListAliases'),
    ListKeys: everywhere('ListKeys'),
    PutKeyPolicy: named('PutKeyPolicy'),
    ScheduleKeyDeletion: named('ScheduleKeyDeletion'),
  };
};
