import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import type { StageConfig } from '../config.ts';
import { liveMetric, modelMetric } from './model-metrics.ts';
import { PlatformAlarm, type PlatformAlarmProps } from './platform-alarm.ts';

export interface ModelAlarmsProps {
  readonly stage: StageConfig;
  readonly definition: ModelDefinition;
  readonly topic: ITopic;
}

/** Four alarms a model: it drifts, nobody looks, it fails, its predictions are not captured. */
export class ModelAlarms extends Construct {
  constructor(scope: Construct, id: string, { stage, definition, topic }: ModelAlarmsProps) {
    super(scope, id);
    const { name, monitors } = definition;
    const period = Duration.days(1);
    checkRunsDaily(definition);
    const shared = (alarm: 'drift' | 'heartbeat' | 'errors' | 'capture') => ({
      alarmName: alarmName(stage.name, name, alarm),
      heading: alarm,
      topic,
    });
    new PlatformAlarm(this, 'Drift', {
      ...shared('drift'),
      alarmDescription: `What ${name} is asked or answers is distributed differently from its reference.`,
      // Statistic ÷ limit: where no limit is calibrated, the prediction's PSI ÷ monitors.predictionPsiLimit.
      metric: modelMetric(stage.name, name, 'driftEvidence', { statistic: 'Maximum', period }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: monitors.alarmAfterChecks,
      // A day without a check, or with too few predictions to say, changes nothing: the heartbeat watches that.
      treatMissingData: TreatMissingData.IGNORE,
    });
    new PlatformAlarm(this, 'Heartbeat', {
      ...shared('heartbeat'),
      alarmDescription: `The drift check of ${name} did not run.`,
      // A day without a check is 0, but only after one with a check: CloudWatch would take days before the deployment for
      // missing ones, and `FILL` with `REPEAT` has no value before the first.
      metric: new MathExpression({
        expression: 'FILL(ran, 0) * FILL(ran, REPEAT)',
        usingMetrics: { ran: modelMetric(stage.name, name, 'driftCheckRan', { statistic: 'Sum', period }) },
        period,
        label: 'drift checks, from the first one on',
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // Two whole days, and the running one, which has no check before the hour of its schedule.
      datapointsToAlarm: 3,
      // And the day of the last check, without which there is no value at all.
      evaluationPeriods: 4,
      // When that day is out of sight the alarm stays as it is, until a check runs.
      treatMissingData: TreatMissingData.IGNORE,
    });
    // A model on ECS has it beside its services: metrics of a load balancer are named after what only they know.
    if (definition.deployment.target === 'lambda') this.addErrors(shared('errors'), stage, name);
    new PlatformAlarm(this, 'Capture', {
      ...shared('capture'),
      alarmDescription: `Predictions of ${name} are answered but not captured.`,
      metric: modelMetric(stage.name, name, 'captureFailed', { statistic: 'Sum', period: Duration.minutes(5) }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private addErrors(
    shared: Pick<PlatformAlarmProps, 'alarmName' | 'heading' | 'topic'>,
    stage: StageConfig,
    model: string,
  ): void {
    new PlatformAlarm(this, 'Errors', {
      ...shared,
      alarmDescription: `Prediction requests of ${model} fail.`,
      metric: liveMetric(stage.name, model, 'Errors', 'Sum'),
      threshold: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

/** `rate(1 day)` or shorter, or a cron expression that fires on every day. */
const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const CRON = /^cron\(\S+ \S+ (\S+) (\S+) (\S+) (\S+)\)$/;
const UNIT_HOURS: Readonly<Record<string, number>> = { minute: 1 / 60, hour: 1, day: 24 };

/**
 * Both daily alarms count days, and CloudWatch looks back seven at most: a check that skips days could not be told
 * from one that does not run.
 */
const checkRunsDaily = ({ name, monitors }: ModelDefinition): void => {
  const rate = RATE.exec(monitors.schedule);
  const cron = CRON.exec(monitors.schedule);
  const daily =
    rate !== null
      ? Number(rate[1]) * (UNIT_HOURS[rate[2] ?? ''] ?? Number.POSITIVE_INFINITY) <= 24
      : cron?.slice(1).every((field) => field === '*' || field === '?') === true;
  if (!daily) {
    throw new InvalidRequestError(
      `monitors.schedule of model ${name} must fire at least once on every day, got ${monitors.schedule}`,
    );
  }
};
