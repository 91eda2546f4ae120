export { isPublicAddress } from './address.ts';
export {
  ATTEMPTS_TOGETHER,
  type AttemptResult,
  afterAttempt,
  type Delivery,
  MOST_ATTEMPTS,
  pauseMs,
} from './delivery.ts';
export {
  checkWebhook,
  MOST_WEBHOOKS,
  type Webhook,
  type WebhookEvent,
  type WebhookFields,
  type WebhookRules,
  type WebhookStatus,
  wantsEvent,
} from './webhook.ts';
export { exampleData, webhookBody } from './webhook-message.ts';
