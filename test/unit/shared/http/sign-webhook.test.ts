import { expect, it } from 'vitest';
import { webhookHeaders } from '../../../../shared/http/index.ts';

const message = { deliveryId: 'id-1', sentAtMs: 1_700_000_000_999, body: '{"a": "é"}' };

it('signs as MLflow does', () => {
  // hmac.new(b"word", "id-1.1700000000.{\"a\": \"é\"}".encode(), hashlib.sha256) in Python, in base64.
  expect(webhookHeaders({ ...message, secret: 'word' })).toEqual({
    'Content-Type': 'application/json',
    'X-MLflow-Delivery-Id': 'id-1',
    'X-MLflow-Timestamp': '1700000000',
    'X-MLflow-Signature': 'v1,iGeIiqxR9Xorr1GMexTYrAefTyXGQ7KGvuRw1nr439w=',
  });
});

it('signs nothing without a secret', () => {
  expect(webhookHeaders(message)).not.toHaveProperty('X-MLflow-Signature');
});
