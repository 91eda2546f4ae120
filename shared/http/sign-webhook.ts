import { createHmac } from 'node:crypto';
import { SECOND_MS } from '../kernel/time.ts';

/**
 * The headers of a delivery as MLflow signs it: HMAC-SHA256 by the secret over `<delivery id>.<Unix seconds>.<body>`,
 * in base64, after the version of the scheme. Without a secret nothing is signed.
 */
export const webhookHeaders = (message: {
  readonly deliveryId: string;
  readonly sentAtMs: number;
  readonly body: string;
  readonly secret?: string | undefined;
}): Readonly<Record<string, string>> => {
  const { deliveryId, body, secret } = message;
  const timestamp = String(Math.floor(message.sentAtMs / SECOND_MS));
  const headers = {
    'Content-Type': 'application/json',
    'X-MLflow-Delivery-Id': deliveryId,
    'X-MLflow-Timestamp': timestamp,
  };
  if (secret === undefined) return headers;
  const signature = createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'X-MLflow-Signature': `v1,${signature}` };
};
