import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../../shared/contracts/events.ts';
import type { Bundles } from '../build.ts';
import type { StageConfig } from '../config.ts';
import { type EncryptedTable, useItemsUnder } from '../permissions.ts';
import { DeadLetters } from './dead-letters.ts';
import { PlatformFunction } from './platform-function.ts';

export interface WebhookDeliveryProps {
  readonly stage: StageConfig;
  readonly bundles: Bundles;
  readonly bus: EventBus;
  /** Holds the webhooks and what became of their deliveries. */
  readonly tracking: EncryptedTable;
  readonly topic: ITopic;
  /** `WEBHOOK_ALLOW_HOSTS`: receivers that may be reached without TLS and at private addresses. @default none */
  readonly allowHosts?: string;
}

/**
 * Tells webhooks what changes in the registry. A receiver that does not answer is tried again by Lambda's own retries; an
 * event that the function itself could not handle ends among the dead letters.
 */
export class WebhookDelivery extends Construct {
  constructor(scope: Construct, id: string, props: WebhookDeliveryProps) {
    super(scope, id);
    const { stage, bundles, bus, tracking, topic } = props;
    const deadLetters = new DeadLetters(this, 'DeadLetters', { stage, stackPart: 'webhooks', topic });
    const deliver = new PlatformFunction(this, 'DeliverWebhook', {
      stage,
      bundles,
      folder: 'deliver-webhook',
      description: 'Tells webhooks what changed in the registry',
      environment: { TRACKING_TABLE: tracking.table.tableName, WEBHOOK_ALLOW_HOSTS: props.allowHosts ?? 'none' },
      statements: useItemsUnder(tracking, 'W/', 'GetItem', 'Query', 'PutItem'),
      // Three attempts of ten seconds, with their pauses.
      timeoutSeconds: 55,
      deadLetterQueue: deadLetters.queue,
    });
    new Rule(this, 'RegistryChanged', {
      description: 'Something changes in the registry of the tracking API',
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: ['Registry Changed'] },
      targets: [new LambdaFunction(deliver.lambda, { deadLetterQueue: deadLetters.queue, retryAttempts: 24 })],
    });
  }
}
