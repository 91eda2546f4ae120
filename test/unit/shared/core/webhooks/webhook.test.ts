import { describe, expect, it } from 'vitest';
import { REGISTRY_EVENTS } from '../../../../../shared/contracts/events.ts';
import { checkWebhook, type WebhookFields, wantsEvent } from '../../../../../shared/core/webhooks/index.ts';

const rules = { events: REGISTRY_EVENTS, allowedHosts: ['127.0.0.1'] };
const created = { entity: 'registered_model', action: 'created' };
const webhook: WebhookFields = { name: 'w', url: 'https://example.com/x', events: [created], status: 'ACTIVE' };

describe('checkWebhook', () => {
  it('keeps each event once', () => {
    expect(checkWebhook({ ...webhook, events: [created, { ...created }] }, rules).events).toEqual([created]);
  });

  it('takes http for a host that may be reached so, and for no other', () => {
    expect(() => checkWebhook({ ...webhook, url: 'http://127.0.0.1:9/x' }, rules)).not.toThrow();
    expect(() => checkWebhook({ ...webhook, url: 'http://127.0.0.2:9/x' }, rules)).toThrow(
      "Invalid webhook URL scheme: 'http'. Allowed schemes are: https.",
    );
  });

  it.each([
    [{ name: 'w!' }, /^Webhook name 'w!' is invalid\. It must start and end with a letter or digit/],
    [{ name: 'x'.repeat(64) }, /less than 63 characters long/],
    [{ url: ' ' }, /cannot be empty or just whitespace/],
    [{ url: 'example.com' }, /it must be a URL/],
    [{ url: 'file:///etc/passwd' }, /Invalid webhook URL scheme: 'file'/],
    [{ url: 'https://user:word@example.com' }, /must not hold a user name or a password/],
    [{ events: [] }, /must be a non-empty list/],
    [
      { events: [{ entity: 'registered_model', action: 'deleted' }] },
      "Invalid action 'deleted' for entity 'registered_model'. Valid actions are: ['created']",
    ],
    [{ events: [{ entity: 'toString', action: 'created' }] }, /Invalid action 'created' for entity 'toString'/],
    [{ secret: 'x'.repeat(1_001) }, /secret has at most 1000 characters, got 1001/],
  ])('refuses %j', (wrong, message) => {
    expect(() => checkWebhook({ ...webhook, ...wrong }, rules)).toThrow(message);
  });
});

it('tells an active webhook of the events that it asks for', () => {
  const stored = { ...webhook, webhookId: 'id', createdAtMs: 1, updatedAtMs: 1 };

  expect(wantsEvent(stored, created)).toBe(true);
  expect(wantsEvent(stored, { ...created, entity: 'model_version' })).toBe(false);
  expect(wantsEvent({ ...stored, status: 'DISABLED' }, created)).toBe(false);
});
