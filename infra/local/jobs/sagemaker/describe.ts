import type { TrainingJobRecord } from './records.ts';

const optional = (members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** DescribeTrainingJob's answer; `time` gives instants as epoch seconds on the wire and milliseconds in events. */
export const describeTrainingJob = (
  record: TrainingJobRecord,
  time: (ms: number) => number,
): Readonly<Record<string, unknown>> => {
  const at = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : time(ms));
  const { Tags: _notDescribed, ...request } = record.wire;
  return {
    ...request,
    TrainingJobArn: record.arn,
    TrainingJobStatus: record.status,
    SecondaryStatus: record.secondaryStatus,
    SecondaryStatusTransitions: record.transitions.map(({ status, startMs, endMs, message }) =>
      optional({ Status: status, StartTime: at(startMs), EndTime: at(endMs), StatusMessage: message }),
    ),
    CreationTime: at(record.createdMs),
    LastModifiedTime: at(record.modifiedMs),
    FinalMetricDataList: Object.entries(record.finalMetrics).map(([MetricName, { value, atMs }]) => ({
      MetricName,
      Value: value,
      Timestamp: at(atMs),
    })),
    ...optional({
      TrainingStartTime: at(record.trainingStartMs),
      TrainingEndTime: at(record.trainingEndMs),
      FailureReason: record.failureReason,
      ModelArtifacts: record.modelArtifacts === undefined ? undefined : { S3ModelArtifacts: record.modelArtifacts },
      TrainingTimeInSeconds: record.trainingSeconds,
      BillableTimeInSeconds: record.billableSeconds,
    }),
  };
};
