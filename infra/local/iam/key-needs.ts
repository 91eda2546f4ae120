import type { CloudIdentity } from '../contracts.ts';
import type { Need } from './guard.ts';

/**
 * What a service asks of KMS in the name of whoever uses an encrypted resource. AWS's own keys (`alias/aws/…`) let
 * everyone in the account use them through their service.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export const keyNeeds = (
  { region }: Pick<CloudIdentity, 'region'>,
  use: {
    /** ARN of the key or alias; none where the service's own key encrypts. */
    readonly keyArn: string | undefined;
    readonly actions: readonly ('Decrypt' | 'Encrypt' | 'GenerateDataKey')[];
    /** The service that asks: `s3`, `dynamodb`. */
    readonly via: string;
  },
): readonly Need[] => {
  const { keyArn, actions, via } = use;
  if (keyArn === undefined || keyArn.includes('alias/aws/')) return [];
  const conditions = { 'kms:ViaService': `${via}.${region}.amazonaws.com` };
  return actions.map((action) => ({ action: `kms:${action}`, resource: keyArn, conditions }));
};
