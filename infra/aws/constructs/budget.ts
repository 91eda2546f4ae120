import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';

/**
 * Warns before a month costs more than the stage's budget. It counts the whole account: costs by tag are known only
 * where an administrator has activated the tag for billing.
 */
export const addBudget = (scope: Construct, stage: StageConfig, topic: Topic): void => {
  const warn = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
    subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
  });
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: `millrace-${stage.name}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: stage.budgetUsd, unit: 'USD' },
    },
    notificationsWithSubscribers: [warn('ACTUAL', 80), warn('FORECASTED', 100)],
  });
};
